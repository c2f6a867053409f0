/* SPDX-License-Identifier: MIT */
/* Between omp-meet.c, which finds the runtimes, and omp.c, which tells them their numbers. */
#ifndef RATION_OMP_RUNTIME_H
#define RATION_OMP_RUNTIME_H

#include "shim/entry.h"
#include "shim/omp-pool.h"

#include <stdatomic.h>

struct openmp {
	_Atomic uintptr_t low, high;
	bool llvm;
	bool library; /* not a part of the program, which calls its own past us */
	int (*max_threads)(void);
	void (*set_threads)(int);
	int (*level)(void);
	int (*team_size)(int);
	int (*thread_num)(void);
	int (*thread_limit)(void); /* NULL: it has none */
	struct omp_pool pool;      /* libgomp's */
	int above;       /* what OMP_NUM_THREADS says, if that is above the budget; or 0 */
	atomic_int most; /* of each thread, for good; 0: not told yet, or it follows the share */
};

extern struct openmp omp_runtimes[ENTRY_GROUPS];

/* A call into a runtime, before it, without credit: the credit of this thread (entry.h). */
int omp_arrive(int index);

/* LLVM's runtime sets itself up now: all its threads begin with what it is told here. */
void omp_tell_llvm(int index, const struct elf *elf);

#endif
