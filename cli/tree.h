/* SPDX-License-Identifier: MIT */
/*
 * A process tree seen from outside: how many processes and tasks there are, how many of them want
 * a CPU, and how long they ran and waited for one. Read from /proc; the tree is never touched.
 *
 * The tree is what descends from a root, the root itself left out. A root that is to keep sight of
 * orphans (a daemon's double fork, a worker whose parent was killed) is the caller itself, after
 * prctl(PR_SET_CHILD_SUBREAPER, 1): they become its own children.
 */
#ifndef RATION_TREE_H
#define RATION_TREE_H

#include <sys/types.h>

struct tree;

struct tree_sample {
	int processes; /* alive: a zombie is not counted */
	int tasks;     /* their threads */
	int running;   /* tasks in state R: on a CPU, or waiting for one */
	int computing; /* processes that have such a task */
	double run_s;  /* s on a CPU, all tasks seen so far together, each since it began */
	double wait_s; /* s in a run queue, the same; both stay 0 without schedstat */
};

/*
 * All return 0 or -errno. tree_open: -ENOSYS where the kernel has no list of a task's children
 * (CONFIG_PROC_CHILDREN), -ESRCH where there is no such root, -ENOMEM.
 */
int tree_open(struct tree **tree, pid_t root);

/*
 * One pass. What ends in the middle of it is left out, no error. The pass is no atomic picture: it
 * takes some 20 us for a task, and the counts of two moments can mix. run_s and wait_s keep what a
 * task had at the last pass that saw it: its end, up to one interval, is lost. Fails, and
 * leaves *sample as it was, when memory or descriptors are short: the next pass may succeed.
 */
int tree_sample(struct tree *tree, struct tree_sample *sample);

void tree_close(struct tree *tree);

#endif
