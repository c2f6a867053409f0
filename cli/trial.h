/* SPDX-License-Identifier: MIT */
/* Small programs, run and compared: do they do the same with the library as without? */
#ifndef RATION_TRIAL_H
#define RATION_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/* How they do now, to compare with. False: problem says why they do not even do so. */
bool trial_begin(char *problem, size_t size);

/*
 * Whether they do the same, and have the library: by LD_PRELOAD if preload is set, or else
 * as any program that is started now.
 */
bool trial_same(const char *library, bool preload, char *problem, size_t size);

/* Whether a shell that reads this file ends up with the library in LD_PRELOAD. */
bool trial_snippet(const char *snippet, const char *library, char *problem, size_t size);

#endif
