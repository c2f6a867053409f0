/* SPDX-License-Identifier: MIT */
/* exported.c with a second thread that calls all the time while the first does what it does. */
/* link: -l:libopenblas.a -lm -rdynamic */
#define SECOND
#include "linked.c"
