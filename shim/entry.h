/* SPDX-License-Identifier: MIT */
/*
 * Ourselves in front of functions of a runtime, whatever their arguments are: a call
 * spends one of the credit that its thread has for this runtime, and goes on to the
 * function. Only a thread without credit comes to us first. So what is done once a
 * thread, or once in many calls, costs the others four instructions.
 */
#ifndef RATION_ENTRY_H
#define RATION_ENTRY_H

#include "shim/elf.h"

enum { ENTRY_GROUPS = 12, ENTRY_NAMES = 32 };

/* A number for a runtime; -1: none is left, or this machine is not known. */
int entry_group(void);

/*
 * Put ourselves in front of those of the names that elf defines; they stand one after the
 * other, each with its NUL, and an empty one is the last (a table would be relocated at
 * each exec). arrive answers how many calls the thread may make without asking again.
 */
void entry_open(int group, const struct elf *elf, const char *names, int (*arrive)(int group));

/* What stands behind fn, if fn is one of ours; else fn. */
void *entry_behind(void *fn);

/* A forked child: its thread has no credit. */
void entry_forget(void);

#endif
