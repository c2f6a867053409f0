/* SPDX-License-Identifier: MIT */
/*
 * Found when it reads its variables, in its constructor. Its two counters are plain
 * ints that every call reads anew, so writing them needs no lock of its own; but
 * never more threads than the pool has: jobs of one call wait for one another.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "core/budget.h"
#include "shim/guest.h"
#include "shim/real.h"

#include <dlfcn.h>

struct copy blas_copies[BLAS_COPIES];
atomic_int blas_count;
atomic_int blas_turns[8];

/* Also those without counters to write to: linked into a program, stripped. */
static struct {
	_Atomic uintptr_t low, high;
} askers[BLAS_COPIES];
static atomic_int asker_count;

bool blas_asks(const void *caller)
{
	for (int i = 0; i < atomic_load(&asker_count) && i < BLAS_COPIES; i++)
		if ((uintptr_t)caller >= atomic_load(&askers[i].low)
		    && (uintptr_t)caller < atomic_load(&askers[i].high))
			return true;
	return false;
}

/*
 * Told by its published functions alone. On OpenMP that is no way: its setter frees buffers that
 * another thread computes in (0.3.21 to 0.3.34).
 */
static bool is_steered(const struct copy *copy)
{
	return copy->cpu_number
	       || (!copy->openmp && copy->set_num_threads && copy->get_num_threads);
}

static enum level open_gates(struct copy *copy, int index)
{
	bool inside = false;
	int names;

	if (copy->cpu_number)
		inside = copy->openmp ? blas_openmp_open(copy, index)
				      : blas_pthread_open(copy, index);
	blas_api_open(copy, index);
	names = inside || is_steered(copy) ? blas_calls_open(copy, index) : 0;
	shim_debug("%s: %d names that are published", copy->elf.name, names);
	if (inside)
		return LEVEL_INSIDE;
	return names && is_steered(copy) ? LEVEL_CALLS : LEVEL_LOAD;
}

static enum level take_in(struct copy *copy, int index)
{
	if (copy->elf.name[0]) /* never unloaded: our hooks and its gates point at one another */
		REAL(dlopen)(copy->elf.name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
	return open_gates(copy, index);
}

/* What holds, said in one place, for all who ask. */
static void tell_level(const struct copy *copy, enum level level)
{
	guest_note(level == LEVEL_LOAD ? RUNTIME_AT_LOAD
		   : copy->openmp      ? RUNTIME_OPENBLAS_OPENMP
				       : RUNTIME_OPENBLAS,
		   0, 0, 0);
	guest_met(copy->elf.low, level);
	shim_debug("%s: OpenBLAS (%s), %s", copy->elf.name[0] ? copy->elf.name : "the program",
		   copy->openmp ? "OpenMP" : "pthread", ledger_level_text(level));
}

/* A program that names it itself has taken it over (R_X86_64_COPY): the library follows. */
static void *variable(const struct elf *elf, const char *name)
{
	void *bound = elf_bound(elf, name);

	return bound ? bound : elf_defines(elf, name, NULL);
}

static void read_variables(struct copy *copy)
{
	copy->cpu_number = variable(&copy->elf, "blas_cpu_number");
	copy->pool_size = variable(&copy->elf, "blas_num_threads");
	copy->server_avail = variable(&copy->elf, "blas_server_avail");
	copy->openmp = elf_imports(&copy->elf, "omp_get_max_threads");
	copy->style_known = blas_style_of(&copy->elf, &copy->style);
	if (!copy->cpu_number || !copy->pool_size || !copy->server_avail)
		copy->cpu_number = copy->pool_size = copy->server_avail = NULL;
	if (!copy->cpu_number)
		blas_hidden_find(copy);
}

void blas_meet(const void *caller)
{
	struct copy found = { .told = 0 };
	int asker, index;

	if (blas_asks(caller) || !elf_at(caller, &found.elf))
		return;
	asker = atomic_fetch_add(&asker_count, 1);
	if (asker >= BLAS_COPIES)
		return;
	atomic_store(&askers[asker].low, found.elf.low);
	atomic_store(&askers[asker].high, found.elf.high);

	read_variables(&found);
	guest_join();
	/* One constructor at a time (the loader's lock): nobody else adds a copy now. */
	index = atomic_load(&blas_count);
	if ((!found.cpu_number && !found.style_known) || index == BLAS_COPIES) {
		tell_level(&found, LEVEL_LOAD);
		return;
	}
	blas_copies[index] = found;
	tell_level(&found, take_in(&blas_copies[index], index));
	atomic_store(&blas_count, index + 1);
	blas_calls_follow();
}

int blas_wish(struct copy *copy)
{
	int wish = atomic_load(&copy->wish), pool;

	if (copy->openmp)
		return blas_openmp_allows(copy);
	if (wish > 0)
		return wish;
	pool = copy->pool_size ? atomic_load(copy->pool_size) : 0;
	return pool < 1 ? guest_cores() : pool;
}

static int most_wished(void)
{
	int most = 1, count = atomic_load(&blas_count);

	for (int i = 0; i < count; i++) {
		int wish = blas_wish(&blas_copies[i]);

		if (wish > most)
			most = wish;
	}
	return most;
}

/* Of the program: at first what it was loaded with; later what was set past us. */
static void find_wish(struct copy *copy, int current)
{
	int told = atomic_load(&copy->told);

	if (told ? current != told : !atomic_load(&copy->wish))
		atomic_store(&copy->wish, current);
}

static void tell(struct copy *copy, int share, bool grow)
{
	int wish = blas_wish(copy), pool;
	int threads = wish < share ? wish : share;

	if (!copy->cpu_number) {
		if (threads != copy->get_num_threads())
			copy->set_num_threads(threads);
	} else {
		pool = atomic_load(copy->pool_size);
		if (threads > pool && grow && !copy->openmp && copy->set_num_threads) {
			copy->set_num_threads(threads);
			pool = atomic_load(copy->pool_size);
		}
		if (threads > pool && !copy->openmp)
			threads = pool;
		atomic_store(copy->cpu_number, threads);
	}
	atomic_store(&copy->told, threads);
	atomic_store(&copy->share, share);
	guest_note(0, wish, threads, 0);
}

/*
 * A number that is half told would pass for one that the program has set: so one thread
 * at a time. Whoever finds another at it takes what that one leaves.
 */
void blas_tell(struct copy *copy, bool grow)
{
	int share, turn;

	if (blas_now(copy) < 1 || (copy->pool_size && atomic_load(copy->pool_size) < 1))
		return; /* still in its constructor */
	if (!atomic_exchange(&copy->telling, 1)) {
		if (copy->hidden.cpu_number)
			blas_hidden_prove(copy);
		find_wish(copy, blas_now(copy));
		atomic_store(&copy->telling, 0);
	}
	blas_calls_follow();
	share = guest_pass(GUEST_CALLS, most_wished(), false);
	turn = guest_home ? atomic_load(&guest_home->turn) : share;
	if (!atomic_exchange(&copy->telling, 1)) {
		tell(copy, copy->openmp ? share : turn, grow);
		atomic_store(&blas_turns[copy - blas_copies], turn);
		atomic_store(&copy->telling, 0);
	}
}

void blas_forked_child(void)
{
	int count = atomic_load(&blas_count);

	for (int i = 0; i < count; i++) {
		struct copy *copy = &blas_copies[i];
		int pool;

		/* Whoever was at it stayed behind, and what it left counts as told. */
		if (atomic_exchange(&copy->telling, 0))
			atomic_store(&copy->told, blas_now(copy));
		if (copy->hidden.cpu_number)
			blas_hidden_prove_forked(copy);
		pool = copy->pool_size ? atomic_load(copy->pool_size) : 0;
		if (!copy->cpu_number) {
			/* Its setter makes the pool of the parent whole again, before it sets. */
			if (!atomic_load(&copy->wish))
				atomic_store(&copy->wish, blas_now(copy));
			atomic_store(&copy->share, 0);
			atomic_store(&blas_turns[i], 0);
		}
		if (copy->openmp || pool < 1 || atomic_load(copy->server_avail))
			continue;
		/*
		 * The next call would make all of the parent's threads again, whatever
		 * cpu_number says (blas_server.c). One thread lives now, so the pool
		 * can be one; the gate has the library enlarge it to the share.
		 */
		if (!atomic_load(&copy->wish))
			atomic_store(&copy->wish, atomic_load(copy->cpu_number));
		atomic_store(copy->pool_size, 1);
		atomic_store(copy->cpu_number, 1);
		atomic_store(&copy->told, 1);
		atomic_store(&copy->share, 0);
		atomic_store(&blas_turns[i], 0);
	}
}
