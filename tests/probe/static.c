/* SPDX-License-Identifier: MIT */
/* linked.c with OpenBLAS inside the program itself, which shows none of its names. */
/* link: -l:libopenblas.a -lm */
#define NAMED
#include "linked.c"
