/* SPDX-License-Identifier: MIT */
/* What a program knows of OMP_NUM_THREADS by itself, so that its teams must have as many. */
#ifndef RATION_OMP_KNOWN_H
#define RATION_OMP_KNOWN_H

#include <stdbool.h>

/* Somebody who is no runtime has read this in OMP_NUM_THREADS. */
void omp_known_read(int threads);

/* The number that the variable says, if that is more than the share, and known; 0: not so. */
int omp_known(int share);

/* Whether this argument of a command stands for so many threads. */
bool omp_known_argument(const char *argument, int threads);

#endif
