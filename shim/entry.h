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

/* One variable, as each costs every exec; the code in entry.c counts on credit being first. */
struct entry_thread {
	int credit[ENTRY_GROUPS];
	int last[ENTRY_GROUPS];       /* as it was given by entry_pace, */
	uint64_t ticks[ENTRY_GROUPS]; /* and when */
};

/* The same, for a function of ours that stands in front of one of theirs by itself. */
extern _Thread_local struct entry_thread entry_thread __attribute__((visibility("hidden")));
void *entry_arrive(unsigned index);

static inline void entry_spend(int group)
{
	if (__builtin_expect(--entry_thread.credit[group] < 0, 0))
		entry_arrive((unsigned)group * ENTRY_NAMES);
}

/* X(0) ... X(11): a function for each, where a call does not say whose it is. */
#define ENTRY_EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
/* fn_of(group): the one that is for it. A table would be relocated at each exec. */
#define ENTRY_PICK(fn)                                        \
	static void *fn##_of(int group)                       \
	{                                                     \
		void *low = group == 1   ? (void *)fn##_1     \
			    : group == 2 ? (void *)fn##_2     \
			    : group == 3 ? (void *)fn##_3     \
			    : group == 4 ? (void *)fn##_4     \
			    : group == 5 ? (void *)fn##_5     \
					 : (void *)fn##_0;    \
		void *high = group == 6    ? (void *)fn##_6   \
			     : group == 7  ? (void *)fn##_7   \
			     : group == 8  ? (void *)fn##_8   \
			     : group == 9  ? (void *)fn##_9   \
			     : group == 10 ? (void *)fn##_10  \
					   : (void *)fn##_11; \
		return group < 6 ? low : high;                \
	}

/* For arrive: as many calls as this thread makes in a few ms. Then it comes again. */
int entry_pace(int group);

/* What stands behind fn, if fn is one of ours; else fn. */
void *entry_behind(void *fn);

/* A forked child: its thread has no credit. */
void entry_forget(void);

#endif
