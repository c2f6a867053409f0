/* SPDX-License-Identifier: MIT */
/* Small programs, run and compared: do they do the same with the library as without? */
#ifndef RATION_TRIAL_H
#define RATION_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/* How they do now, to compare with. False: problem says why they do not even do so. */
bool trial_begin(char *problem, size_t size);

/*
 * Whether they do the same, and have the library: by LD_PRELOAD as spelled, or else (NULL) as
 * any program that is started now.
 */
bool trial_same(const char *library, const char *spelled, char *problem, size_t size);

/*
 * Whether a 32-bit program would start without a word of the loader about a preload, now. Tried
 * with a library for such programs. True where there can be none.
 */
bool trial_narrow(const char *narrow, const char *spelled);

/* Whether a shell that reads this file ends up with that in LD_PRELOAD. */
bool trial_snippet(const char *snippet, const char *spelled, char *problem, size_t size);

#endif
