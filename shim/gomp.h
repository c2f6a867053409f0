/* SPDX-License-Identifier: MIT */
#ifndef RATION_GOMP_H
#define RATION_GOMP_H

/*
 * A copy of libgomp is here, known by its omp_pause_resource_all (GCC 9 and later;
 * NULL is ignored).
 */
void gomp_meet(void *pause);

/* The object of this address reads GOMP_ variables: if it is libgomp, it is met. */
void gomp_meet_caller(const void *caller);

/* Before a fork: free the pools of the calling thread. */
void gomp_release(void);

#endif
