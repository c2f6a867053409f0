/* SPDX-License-Identifier: MIT */
/* What other languages have of their own that a team keeps: each counts the regions since begun. */
#ifndef RATION_TEAMS_H
#define RATION_TEAMS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fortran: a COMMON block that is threadprivate; the least that a thread of the team has. */
void common_begin(void);
int common_next(void);
int common_last(void);

/* C++: thread_local objects that enter themselves in a list, and leave it with a lock held. */
void local_begin(void);
int local_next(void);
int local_last(void);

int teams_begin(unsigned long seed, const char *program, void (*back)(void));
void teams_step(void);
int teams_end(void);

/* LLVM's runtime begins anew in a forked child, and forgets what the parent has set. */
static inline bool teams_forgets_at_fork(void)
{
#ifdef TEAMS_LLVM
	return true;
#else
	return false;
#endif
}

#ifdef __cplusplus
}
#endif

#endif
