/* SPDX-License-Identifier: MIT */
/* numba's own count of threads, in its layers for OpenMP and for a pool of its own. */
#ifndef RATION_NUMBA_H
#define RATION_NUMBA_H

/* A thread was started whose code lies here: if it is numba's, ask for a safe point. */
void numba_meet(const void *start);

/* At a safe point of a Python program: its first thread is told its share, once. */
void numba_tell(void);

#endif
