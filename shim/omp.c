/* SPDX-License-Identifier: MIT */
/*
 * The setting of a thread (its nthreads-var) is lowered at its first contact, by the runtime's own
 * omp_set_num_threads, and stays: what the program reads is what it gets. One thread asks, another
 * works, a third has made a buffer by the answer: so there is one number for all threads of a
 * process, and for its forked children, which is the share of the process when the first of them
 * asked. num_threads clauses, and what the program sets later, are delivered as they are. Inside a
 * region nothing is changed. In Python the number follows the share where omp-users.h says so.
 */
#define _GNU_SOURCE
#include "shim/omp.h"

#include "core/budget.h"
#include "shim/entry.h"
#include "shim/guest.h"
#include "shim/llvm.h"
#include "shim/omp-api.h"
#include "shim/omp-known.h"
#include "shim/omp-runtime.h"
#include "shim/omp-users.h"
#include "shim/python.h"

#include <limits.h>

/* Calls within a region, before one looks whether it still is in it. */
enum { REGION_CREDIT = 256 };

static atomic_int most_told; /* the first that became so: the number of all */

static _Thread_local struct {
	uint32_t life; /* the process in which it was last told, or looked whether it had been */
	bool set;      /* by the program itself: that is the number */
	int wish;      /* of the program, for this thread */
	int told;
	int share; /* that it was told by */
} mine[ENTRY_GROUPS];

int omp_wish(int index)
{
	int now = omp_runtimes[index].max_threads();
	int wish = now == mine[index].told ? mine[index].wish : now;

	/* The user's, by a variable: at most the budget, as all that is read from variables. */
	return wish == omp_runtimes[index].above ? guest_cores() : wish;
}

/* Threads that it does not give are waited for by who divides the work himself, for ever. */
int omp_wish_of_team(int index)
{
	int (*limit)(void) = omp_runtimes[index].thread_limit;

	return budget_clamp(omp_wish(index), 1, limit ? limit() : BUDGET_MAX);
}

/* Whether the number of this runtime may be another one tomorrow. */
static bool follows(int index)
{
	return !atomic_load(&omp_runtimes[index].most) && python_here()
	       && omp_users_ask_anew(index);
}

/* The number of the process, chosen now if nobody has been told one: all of its share. */
static int choose(int index, int wish)
{
	int most = atomic_load(&most_told), share, known;

	if (!most) {
		share = guest_pass(GUEST_TEAMS, wish, true);
		if (guest_home) /* not the part of one caller */
			share = atomic_load(&guest_home->share);
		share = budget_clamp(share, 1, BUDGET_MAX);
		known = omp_known(share);
		if (known)
			share = known;
		if (atomic_compare_exchange_strong(&most_told, &most, share))
			most = share;
		/* More than that it cannot use. */
		guest_pass(GUEST_TEAMS, wish < most ? wish : most, true);
	}
	atomic_store(&omp_runtimes[index].most, most);
	return most;
}

/* The threads that a team of this thread may have. */
static int share_of(int index, int wish)
{
	int most = atomic_load(&omp_runtimes[index].most);

	if (most)
		return most;
	if (wish < 2) /* it is told one, whatever there is: that is nobody's number */
		return 1;
	return follows(index) ? guest_pass(GUEST_TEAMS, wish, false) : choose(index, wish);
}

static void tell(int index)
{
	struct openmp *runtime = &omp_runtimes[index];
	int now = runtime->max_threads(), wish, share;

	wish = now == mine[index].told ? mine[index].wish : now;
	share = share_of(index, wish);
	mine[index].wish = wish;
	if (wish > 1)
		mine[index].share = share;
	mine[index].told = wish < share ? wish : share;
	if (mine[index].told != now)
		runtime->set_threads(mine[index].told);
	guest_note(0, wish, mine[index].told, 0);
}

/*
 * LLVM's runtime takes a thread that it does not know among its own as soon as that one asks, under
 * locks that it holds itself around a fork. omp_get_thread_num alone (LLVM 14 to 21) does not: it
 * says 0. So one that has begun no team, and works in none, is not asked about.
 */
static bool is_known(int index)
{
	return !omp_runtimes[index].llvm || omp_runtimes[index].thread_num() > 0
	       || (mine[index].life && mine[index].life == guest_life());
}

int omp_team(void)
{
	int threads = 1;

	for (int i = 0; i < ENTRY_GROUPS; i++)
		if (atomic_load(&omp_runtimes[i].low) && is_known(i))
			for (int level = omp_runtimes[i].level(); level > 0; level--)
				threads *= budget_clamp(omp_runtimes[i].team_size(level), 1,
							BUDGET_MAX / threads);
	return threads;
}

/* It has been told a number that may no longer change, here or before a fork. */
static bool is_bound(int index)
{
	return mine[index].set || (mine[index].told > 0 && atomic_load(&omp_runtimes[index].most));
}

/* Somebody uses it now who counts on its number: the one that was told last is that of all. */
static void bind(int index)
{
	int share = mine[index].share, none = 0;

	if (share < 1 || atomic_load(&omp_runtimes[index].most))
		return;
	if (!atomic_compare_exchange_strong(&most_told, &none, share))
		share = none;
	atomic_store(&omp_runtimes[index].most, share);
	shim_debug("OpenMP: %d threads from now on", share);
}

void omp_set(int index, int threads, enum caller caller)
{
	VISIT(visit);

	if (visit.welcome && threads > 0) {
		bool moves;

		if (python_here() && !atomic_load(&omp_runtimes[index].most))
			omp_users_look();
		moves = follows(index);

		/* What it takes for the number of cores is nobody's wish. */
		if (caller == CALLER_TORCH && !moves && atomic_load(&omp_runtimes[index].most) > 0
		    && threads > atomic_load(&omp_runtimes[index].most))
			threads = atomic_load(&omp_runtimes[index].most);
		if (caller != CALLER_TORCH) {
			mine[index].wish = threads;
			mine[index].set = !moves;
		}
		/* Where nobody can rely on the answer before the last one. */
		if (moves && caller != CALLER_PROGRAM && mine[index].life == guest_life()
		    && mine[index].share > 0 && mine[index].share < threads)
			threads = mine[index].share;
		mine[index].told = threads;
		python_request(); /* numba's layer sets the count as it is launched */
	}
	shim_debug("set %d by %d; wish %d told %d share %d", threads, caller, mine[index].wish,
		   mine[index].told, mine[index].share);
	omp_runtimes[index].set_threads(threads);
}

int omp_get(int index, enum caller caller)
{
	return caller == CALLER_PYTHON && !is_bound(index) ? omp_wish(index)
							   : omp_runtimes[index].max_threads();
}

/* Called before the program's own call, without credit. */
int omp_arrive(int index)
{
	struct openmp *runtime = &omp_runtimes[index];
	uint32_t life = guest_life();

	if (runtime->llvm)
		llvm_settled(false);
	if (runtime->level() > 0)
		return REGION_CREDIT;
	if (mine[index].life != life) {
		if (mine[index].life && !runtime->llvm)
			omp_pool_forget(&runtime->pool);
		mine[index].life = life;
		if (python_here() && !atomic_load(&runtime->most))
			omp_users_look();
		guest_come_with_teams();
		if (!is_bound(index))
			tell(index);
		if (mine[index].set) /* a safe point is another thing */
			python_request();
	} else if (mine[index].told > 0 && !is_bound(index) && atomic_load(&runtime->most)) {
		tell(index);
	} else if (!guest_settled()) {
		python_request();
	}
	return python_here() ? entry_pace(index) : INT_MAX;
}

void omp_tell_all(const void *frame)
{
	bool changed = false, below;

	omp_users_look();
	omp_users_check_versions();
	below = omp_users_below(frame);
	for (int i = 0; i < ENTRY_GROUPS; i++) {
		int before = mine[i].told;

		if (!atomic_load(&omp_runtimes[i].low) || mine[i].life != guest_life())
			continue;
		if (omp_runtimes[i].level() > 0)
			return;
		if (!omp_users_ask_anew(i))
			bind(i);
		if (below || is_bound(i))
			continue;
		tell(i);
		changed |= mine[i].told != before;
	}
	if (changed)
		torch_tell();
}

void omp_tell_llvm(int index, const struct elf *elf)
{
	int wish = llvm_wish(), share;

	if (python_here() && !atomic_load(&omp_runtimes[index].most))
		omp_users_look();
	share = share_of(index, wish);
	mine[index].life = guest_life();
	mine[index].wish = wish;
	mine[index].share = share;
	mine[index].told = llvm_tell(elf, wish, share);
	guest_note(0, wish, mine[index].told, 0);
}

void omp_before_fork(const void *frame)
{
	bool any = false, below;

	for (int i = 0; i < ENTRY_GROUPS; i++)
		any |= atomic_load(&omp_runtimes[i].low) && mine[i].told > 0 && follows(i);
	if (!any)
		return;
	omp_users_look();
	below = omp_users_below(frame);
	for (int i = 0; i < ENTRY_GROUPS; i++)
		if (atomic_load(&omp_runtimes[i].low) && (below || !omp_users_ask_anew(i)))
			bind(i);
}

void omp_forked_child(void)
{
	entry_forget();
	llvm_settled(true);
	for (int i = 0; i < ENTRY_GROUPS; i++) {
		/* Also where it has never asked: OpenBLAS begins teams past us. */
		if (!atomic_load(&omp_runtimes[i].low) || omp_runtimes[i].llvm
		    || omp_runtimes[i].level() > 0)
			continue;
		omp_pool_forget(&omp_runtimes[i].pool);
		/* Of those that follow the share it is told anew when it comes. */
		mine[i].life = is_bound(i) ? guest_life() : 0;
	}
}
