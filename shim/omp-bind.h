/* SPDX-License-Identifier: MIT */
/*
 * Threads that an OpenMP runtime binds to CPUs, because of OMP_PROC_BIND and its kin. Each process
 * begins with the first place: workers of a pool, which have a thread each, would all sit on one
 * CPU. So only a program that has the cores to itself is bound; where it shares them, the runtime
 * believes that it binds, and its threads go where the kernel puts them.
 */
#ifndef RATION_OMP_BIND_H
#define RATION_OMP_BIND_H

#include "core/mask.h"

#include <stdbool.h>

/* Whether the user has asked for binding. */
bool omp_bind_wanted(void);

/* Whether this process shares its cores with others, forked from one another or not. */
bool omp_bind_shares(void);

/*
 * Somebody binds a thread, and binding is wanted: what to bind it to instead. NULL: it is no
 * runtime, or has the cores to itself.
 */
const struct mask *omp_bind_instead(const void *caller);

/* A forked child's thread: free of what its parent was bound to by a runtime. */
void omp_bind_forked_child(void);

#endif
