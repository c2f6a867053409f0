/* SPDX-License-Identifier: MIT */
/*
 * The setting of a thread (its nthreads-var) is lowered to its share at its first
 * contact, by the runtime's own omp_set_num_threads, and stays: what the program reads
 * is what it gets. num_threads clauses, and what the program sets later, are delivered
 * as they are. A forked child begins anew. Inside a region nothing is changed.
 */
#define _GNU_SOURCE
#include "shim/omp.h"

#include "shim/elf.h"
#include "shim/entry.h"
#include "shim/guest.h"
#include "shim/llvm.h"
#include "shim/omp-api.h"
#include "shim/python.h"

#include <limits.h>

enum {
	PAUSE_SOFT = 1,      /* omp_pause_soft, OpenMP 5.0 */
	REGION_CREDIT = 256, /* calls within a region, before one looks whether it still is in it */
};

/* Each begins a team, or asks how large one would be. GCC 4.2 to 12, LLVM 14 to 20. */
static const char entries[] = "GOMP_parallel\0"
			      "GOMP_parallel_reductions\0"
			      "GOMP_parallel_sections\0"
			      "GOMP_parallel_loop_static\0"
			      "GOMP_parallel_loop_dynamic\0"
			      "GOMP_parallel_loop_guided\0"
			      "GOMP_parallel_loop_runtime\0"
			      "GOMP_parallel_loop_nonmonotonic_dynamic\0"
			      "GOMP_parallel_loop_nonmonotonic_guided\0"
			      "GOMP_parallel_loop_nonmonotonic_runtime\0"
			      "GOMP_parallel_loop_maybe_nonmonotonic_runtime\0"
			      "GOMP_parallel_start\0"
			      "GOMP_parallel_sections_start\0"
			      "GOMP_parallel_loop_static_start\0"
			      "GOMP_parallel_loop_dynamic_start\0"
			      "GOMP_parallel_loop_guided_start\0"
			      "GOMP_parallel_loop_runtime_start\0"
			      "GOMP_teams_reg\0"
			      "omp_get_max_threads\0"
			      "omp_get_max_threads_\0"
			      "__kmpc_fork_call\0"
			      "__kmpc_fork_call_if\0"
			      "__kmpc_fork_teams\0";

static struct openmp {
	_Atomic uintptr_t low, high;
	bool llvm;
	int (*max_threads)(void);
	void (*set_threads)(int);
	int (*level)(void);
	int (*team_size)(int);
	int (*pause)(int); /* GCC 9 and later */
} runtimes[ENTRY_GROUPS];

static _Thread_local struct {
	uint32_t life;     /* the process in which it was told */
	uint32_t set_life; /* the process in which it has set its count itself */
	int wish;          /* of the program, for this thread */
	int told;
	int share; /* that it was told by */
} mine[ENTRY_GROUPS];

int omp_index(const void *function)
{
	for (int i = 0; i < ENTRY_GROUPS; i++)
		if ((uintptr_t)function >= atomic_load(&runtimes[i].low)
		    && (uintptr_t)function < atomic_load(&runtimes[i].high))
			return i;
	return -1;
}

int omp_wish(int index)
{
	int now = runtimes[index].max_threads();

	return now == mine[index].told ? mine[index].wish : now;
}

static void tell(int index, bool exact)
{
	struct openmp *runtime = &runtimes[index];
	int now = runtime->max_threads(), wish, share;

	wish = now == mine[index].told ? mine[index].wish : now;
	share = wish > 1 ? guest_pass(GUEST_TEAMS, wish, !python_here()) : 1;
	mine[index].wish = wish;
	if (wish > 1)
		mine[index].share = share;
	mine[index].told = exact || wish < share ? wish : share;
	if (mine[index].told != now)
		runtime->set_threads(mine[index].told);
	guest_note(0, wish, mine[index].told, 0);
}

void omp_set(int index, int threads, enum caller caller)
{
	VISIT(visit);

	if (visit.welcome && threads > 0) {
		if (caller != CALLER_TORCH) {
			mine[index].wish = threads;
			mine[index].set_life = guest_life();
		}
		/* Where nobody can rely on the answer before the last one. */
		if (caller != CALLER_PROGRAM && mine[index].life == guest_life()
		    && mine[index].share > 0 && mine[index].share < threads)
			threads = mine[index].share;
		mine[index].told = threads;
		python_request();
	}
	shim_debug("set %d by %d; wish %d told %d share %d", threads, caller, mine[index].wish,
		   mine[index].told, mine[index].share);
	runtimes[index].set_threads(threads);
}

int omp_get(int index, enum caller caller)
{
	return caller == CALLER_PYTHON ? omp_wish(index) : runtimes[index].max_threads();
}

/* Called before the program's own call, without credit. */
static int arrive(int index)
{
	struct openmp *runtime = &runtimes[index];
	uint32_t life = guest_life();

	if (runtime->llvm)
		llvm_settled();
	if (runtime->level() > 0)
		return REGION_CREDIT;
	if (mine[index].life != life) {
		mine[index].life = life;
		tell(index, mine[index].set_life == life);
		if (mine[index].set_life == life) /* a safe point is another thing */
			python_request();
	} else if (!guest_settled()) {
		python_request();
	}
	return python_here() ? entry_pace(index) : INT_MAX;
}

void omp_tell_all(void)
{
	bool changed = false;

	for (int i = 0; i < ENTRY_GROUPS; i++) {
		int before = mine[i].told;

		if (!atomic_load(&runtimes[i].low) || mine[i].life != guest_life())
			continue;
		if (runtimes[i].level() > 0)
			return;
		tell(i, false);
		changed |= mine[i].told != before;
	}
	if (changed)
		torch_tell();
}

int omp_team(void)
{
	int threads = 1;

	for (int i = 0; i < ENTRY_GROUPS; i++)
		if (atomic_load(&runtimes[i].low))
			for (int level = runtimes[i].level(); level > 0; level--)
				threads *= budget_clamp(runtimes[i].team_size(level), 1,
							BUDGET_MAX / threads);
	return threads;
}

static bool read_functions(struct openmp *runtime, const struct elf *elf)
{
	*(void **)&runtime->max_threads = elf_defines(elf, "omp_get_max_threads", NULL);
	*(void **)&runtime->set_threads = elf_defines(elf, "omp_set_num_threads", NULL);
	*(void **)&runtime->level = elf_defines(elf, "omp_get_level", NULL);
	*(void **)&runtime->team_size = elf_defines(elf, "omp_get_team_size", NULL);
	*(void **)&runtime->pause = elf_defines(elf, "omp_pause_resource_all", NULL);
	return runtime->max_threads && runtime->set_threads && runtime->level && runtime->team_size;
}

static void note(bool llvm)
{
	guest_join();
	python_here();
	guest_note(llvm ? RUNTIME_LLVM : RUNTIME_LIBGOMP, 0, 0, 0);
}

static int meet(const struct elf *elf, bool llvm)
{
	struct openmp found = { .llvm = llvm };
	int index;

	if (!read_functions(&found, elf))
		return -1;
	note(llvm);
	index = entry_group();
	if (index < 0)
		return -1;
	runtimes[index].llvm = llvm;
	runtimes[index].max_threads = found.max_threads;
	runtimes[index].set_threads = found.set_threads;
	runtimes[index].level = found.level;
	runtimes[index].team_size = found.team_size;
	runtimes[index].pause = found.pause;
	atomic_store(&runtimes[index].high, elf->high);
	atomic_store(&runtimes[index].low, elf->low);
	entry_open(index, elf, entries, arrive);
	omp_api_open(elf, index);
	shim_debug("%s: OpenMP (%s), at first contact", elf->name, llvm ? "LLVM" : "GCC");
	return index;
}

void omp_meet(const void *address)
{
	struct elf elf;

	/* LLVM's runtime knows these names too. */
	if (omp_index(address) < 0 && elf_at(address, &elf)
	    && elf_defines(&elf, "GOMP_parallel", NULL)
	    && !elf_defines(&elf, "__kmpc_fork_call", NULL))
		meet(&elf, false);
}

void omp_meet_llvm(const void *address)
{
	int index = omp_index(address), wish, share;
	struct elf elf;

	if (!elf_at(address, &elf) || !elf_defines(&elf, "__kmpc_fork_call", NULL))
		return;
	if (index < 0)
		index = meet(&elf, true);
	if (index < 0)
		return;
	wish = llvm_wish();
	share = wish > 1 ? guest_pass(GUEST_TEAMS, wish, !python_here()) : 1;
	mine[index].life = guest_life();
	mine[index].wish = wish;
	mine[index].share = share;
	mine[index].told = llvm_tell(&elf, wish, share);
	guest_note(0, wish, mine[index].told, 0);
}

void omp_release(void)
{
	for (int i = 0; i < ENTRY_GROUPS; i++)
		if (atomic_load(&runtimes[i].low) && runtimes[i].pause && !runtimes[i].llvm)
			runtimes[i].pause(PAUSE_SOFT);
}

void omp_forked_child(void)
{
	entry_forget();
	llvm_settled();
}
