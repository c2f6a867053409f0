/* SPDX-License-Identifier: MIT */
/*
 * Programs that confine themselves, or are confined: a system call that their filter does not
 * know may end them (seccomp(2)), so that we make none.
 */
#ifndef RATION_SANDBOX_H
#define RATION_SANDBOX_H

#include <stdbool.h>

/*
 * Whether the program was begun under a filter: by calls that its loader has just made too. It
 * takes 4 kB of stack.
 */
bool sandbox_here(void);

#endif
