/* SPDX-License-Identifier: MIT */
#ifndef RATION_OMP_API_H
#define RATION_OMP_API_H

#include "shim/elf.h"

/* Stand for what this runtime shows programs to set and get the count of a thread. */
void omp_api_open(const struct elf *elf, int index);

/*
 * Who calls: the program or a library of it; Python, through ctypes; torch, for itself.
 */
enum caller { CALLER_UNKNOWN, CALLER_PROGRAM, CALLER_PYTHON, CALLER_TORCH };

/* Between omp.c and omp-api.c: a thread sets this, or asks. */
void omp_set(int index, int threads, enum caller caller);
int omp_get(int index, enum caller caller);

/* If torch is loaded, let it know that its runtime has been told another number. */
void torch_tell(void);

#endif
