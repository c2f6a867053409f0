/* SPDX-License-Identifier: MIT */
/*
 * What the machine grants a process, as the kernel has it. libc is not asked: in a command
 * that itself runs under `ration`, the shim would answer with the budget.
 */
#ifndef RATION_MACHINE_H
#define RATION_MACHINE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct machine {
	int online;              /* CPUs of the machine */
	int allowed;             /* by affinity */
	int cpuset;              /* CPUs of its cpuset; 0: it is in none, or that cannot be read */
	int quota;               /* whole CPUs that the least quota of its groups leaves; 0: none */
	double quota_exact;      /* the same, not rounded */
	char quota_at[PATH_MAX]; /* the file that says so */
	char cpuset_at[PATH_MAX];
};

/* Whether what libc says in this process comes from the shim. */
bool machine_shimmed(void);

/* At least 1. From libc where that can be trusted: a test can put another machine there. */
int machine_online(void);

/*
 * 0, or -ESRCH. root stands before every path under /proc and /sys: "", or in tests a
 * directory that is made to look like another machine.
 */
int machine_read(struct machine *machine, pid_t pid, const char *root);

/* "0-3,8": how many CPUs a list names; 0 if it is none. */
int machine_count(const char *list);

#endif
