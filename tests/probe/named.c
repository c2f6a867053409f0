/* SPDX-License-Identifier: MIT */
/* linked.c when it names a variable of the library: the linker moves that into the program. */
/* link: -lopenblas */
#define NAMED
#include "linked.c"
