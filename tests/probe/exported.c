/* SPDX-License-Identifier: MIT */
/* linked.c with OpenBLAS inside the program itself, which shows its names as a library would. */
/* link: -l:libopenblas.a -lm -rdynamic */
#include "linked.c"
