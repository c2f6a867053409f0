/* SPDX-License-Identifier: MIT */
#ifndef RATION_TBB_H
#define RATION_TBB_H

/* The object of this address asks for its CPUs: if it is TBB, it is met. */
void tbb_meet(const void *caller);

/* What a thread begins at that was to begin at start: workers of TBB are marked. */
void *(*tbb_worker(void *(*start)(void *)))(void *);

#endif
