/* SPDX-License-Identifier: MIT */
/*
 * How LLVM's OpenMP runtime is told its threads: it reads the environment past libc's
 * getenv, and counts the CPUs past libc's sched_getaffinity.
 */
#ifndef RATION_LLVM_H
#define RATION_LLVM_H

#include "shim/elf.h"

/* What the program asked for in its environment, or else the budget. */
int llvm_wish(void);

/* While it reads its settings it shall find the lesser of both; answers what it will find. */
int llvm_tell(const struct elf *elf, int wish, int share);

/*
 * It has read them, where this thread is the one that it did so in, or we are in a forked child:
 * whatever comes shall see the program's environment.
 */
void llvm_settled(bool forked);

#endif
