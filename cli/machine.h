/* SPDX-License-Identifier: MIT */
/*
 * What the machine grants a process, as the kernel has it: past the shim, which would answer
 * with the budget in a command that itself runs under `ration`.
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

/*
 * First of all in a command of ours: have the shim, if it is here, answer nothing in this
 * process. The site may have it in every program.
 */
void machine_unshim(void);

/* At least 1. From libc, after machine_unshim: a test can put another machine there. */
int machine_online(void);

/*
 * 0, or -ESRCH. root stands before every path under /proc and /sys: "", or in tests a
 * directory that is made to look like another machine.
 */
int machine_read(struct machine *machine, pid_t pid, const char *root);

/* "0-3,8": how many CPUs a list names; 0 if it is none. */
int machine_count(const char *list);

#endif
