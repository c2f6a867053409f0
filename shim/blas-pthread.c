/* SPDX-License-Identifier: MIT */
/*
 * OpenBLAS with threads of its own (every wheel, Debian's pthread build). Each call
 * that may use threads takes a lock before it reads the thread count, in
 * blas_memory_alloc, or before it hands out its jobs, in exec_blas_async. The wheels
 * bind those functions to themselves, but not libc's: so the gate is in this
 * library's own import of pthread_mutex_lock, and no other lock of the process is
 * touched. Locks taken elsewhere (its end, its pool, a job) are let through, and so
 * are its workers: one that asked for a larger pool while the pool is put down would
 * wait for ever.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "shim/guest.h"
#include "shim/real.h"

#include <pthread.h>
#include <sys/prctl.h>

static _Thread_local bool worker;

static inline bool within(const struct range *range, const void *address)
{
	return (uintptr_t)address - range->low < range->size;
}

static __attribute__((noinline)) void pass_slowly(struct copy *copy, bool grow)
{
	VISIT(visit);

	if (visit.welcome)
		blas_tell(copy, grow);
}

/*
 * Within a call whose end is seen: only between two functions that choose their number of
 * threads, as LAPACK is made of, since what they have chosen stands as long as they last.
 */
static __attribute__((noinline)) void pass(struct copy *copy, bool entry)
{
	int share;

	if (worker || guest_thread.inner)
		return;
	share = guest_settled_turn();
	if (unlikely(share < 1 || share != atomic_load_explicit(&copy->share, memory_order_relaxed)
		     || atomic_load_explicit(copy->cpu_number, memory_order_relaxed)
				!= atomic_load_explicit(&copy->told, memory_order_relaxed)))
		pass_slowly(copy, entry);
	guest_thread.inner = entry && guest_thread.frame;
}

#define GATE(i)                                                    \
	static int gate_##i(pthread_mutex_t *mutex)                \
	{                                                          \
		const void *caller = __builtin_return_address(0);  \
		if (guest_thread.fixed)                            \
			;                                          \
		else if (within(&blas_copies[i].entry, caller))    \
			pass(&blas_copies[i], true);               \
		else if (within(&blas_copies[i].dispatch, caller)) \
			pass(&blas_copies[i], false);              \
		else if (within(&blas_copies[i].leave, caller))    \
			guest_thread.inner = false;                \
		return pthread_mutex_lock(mutex);                  \
	}
BLAS_EACH(GATE)
BLAS_PICK(gate)

/* For htop. Looked up by the thread that starts it: a worker must not take the loader's lock. */
static void name_thread(bool now)
{
	int (*set)(int, ...) = REAL(prctl);

	if (now && set)
		set(PR_SET_NAME, "openblas");
}

/* In the place of blas_thread_server, of which a copy has one. */
#define WORK(i)                                    \
	static void *work_##i(void *arg)           \
	{                                          \
		worker = true;                     \
		name_thread(true);                 \
		return blas_copies[i].server(arg); \
	}
BLAS_EACH(WORK)
BLAS_PICK(work)

void *(*blas_worker(void *(*start)(void *), const void *caller))(void *)
{
	void *(*marked)(void *);
	int count = atomic_load(&blas_count);

	for (int i = 0; i < count; i++) {
		struct copy *copy = &blas_copies[i];

		if ((uintptr_t)start < copy->elf.low || (uintptr_t)start >= copy->elf.high
		    || !within(&copy->starts, caller))
			continue;
		if (copy->server && copy->server != start)
			return start;
		copy->server = start;
		name_thread(false);
		*(void **)&marked = work_of(i);
		return marked;
	}
	return start;
}

static struct range range_of(const struct copy *copy, const char *name)
{
	struct range range = { 0, 0 };

	range.low = (uintptr_t)elf_defines(&copy->elf, name, &range.size);
	return range;
}

/*
 * Workers are started by two functions of one file, blas_server.c; the second goes by
 * other names in other builds, but lies between the first and the last. A program that
 * has the library inside starts threads of its own as well.
 */
static struct range starts_of(const struct copy *copy)
{
	struct range first = range_of(copy, "blas_thread_init");
	struct range last = range_of(copy, "blas_thread_shutdown_");

	if (copy->elf.name[0] || !first.size || copy->dispatch.low <= first.low
	    || copy->dispatch.low >= last.low)
		return (struct range){ copy->elf.low, copy->elf.high - copy->elf.low };
	return (struct range){ first.low, last.low + last.size - first.low };
}

bool blas_pthread_open(struct copy *copy, int index)
{
	copy->entry = range_of(copy, "blas_memory_alloc");
	copy->dispatch = range_of(copy, "exec_blas_async");
	copy->leave = range_of(copy, "blas_memory_free");
	copy->starts = starts_of(copy);
	return copy->entry.size > 0
	       && elf_bind(&copy->elf, "pthread_mutex_lock", gate_of(index)) > 0;
}
