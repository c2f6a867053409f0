/* SPDX-License-Identifier: MIT */
/*
 * libgomp does not know that fork leaves its threads behind: a child of a process
 * whose forking thread has run a team waits for them for ever (GCC 12; GCC's manual
 * leaves it undefined). Without a pool there is nothing to wait for: it is freed
 * before the fork, and made again by whoever needs it. Inside a parallel region the
 * call is refused, and does no harm.
 */
#define _GNU_SOURCE
#include "shim/gomp.h"

#include "shim/elf.h"
#include "shim/guest.h"

enum { GOMPS = 16, PAUSE_SOFT = 1 /* omp_pause_soft, OpenMP 5.0 */ };

static _Atomic(void *) pauses[GOMPS];
static atomic_int count;

void gomp_meet(void *pause)
{
	int known = atomic_load(&count);

	if (!pause)
		return;
	guest_join();
	guest_note(RUNTIME_LIBGOMP, 0, 0, 0);
	for (int i = 0; i < known && i < GOMPS; i++)
		if (atomic_load(&pauses[i]) == pause)
			return;
	known = atomic_fetch_add(&count, 1);
	if (known >= GOMPS)
		return;
	atomic_store(&pauses[known], pause);
}

void gomp_meet_caller(const void *caller)
{
	struct elf elf;

	/* LLVM's runtime knows these names too, and comes through a fork by itself. */
	if (elf_at(caller, &elf) && elf_defines(&elf, "GOMP_parallel", NULL)
	    && !elf_defines(&elf, "__kmpc_fork_call", NULL))
		gomp_meet(elf_defines(&elf, "omp_pause_resource_all", NULL));
}

void gomp_release(void)
{
	int known = atomic_load(&count);

	for (int i = 0; i < known && i < GOMPS; i++) {
		int (*pause)(int);

		*(void **)&pause = atomic_load(&pauses[i]);
		if (pause)
			pause(PAUSE_SOFT);
	}
}
