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

#include <stdint.h>
#include <sys/types.h>

struct tree;
struct queue;

/* A task that a pass comes by. */
struct tree_task {
	pid_t pid;
	int tid;
	int parent; /* the task in whose list of children it stands; of other threads, the first */
	uint64_t began; /* clock ticks since boot */
	char state;
	int cpu;         /* where it runs, or ran last */
	uint64_t ran_ns; /* on a CPU, since the last pass that came by */
};

struct tree_sample {
	int processes; /* alive: a zombie is not counted */
	int tasks;     /* their threads */
	int running;   /* tasks in state R: on a CPU, or waiting for one */
	int computing; /* processes that have such a task */
	double run_s;  /* s on a CPU, all tasks seen so far together, each since it began */
	double wait_s; /* s in a run queue, the same; both stay 0 without schedstat */
	double used_s; /* s of CPU; of those that no pass has seen once they are waited for */
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

/* Those of the last pass, the root first, and what each had used (cli/glance.h). */
const struct queue *tree_seen(const struct tree *tree);

/* Have all living tasks shown to visit, in each pass; parents come before their children. */
void tree_show(struct tree *tree, void (*visit)(void *arg, const struct tree_task *task),
	       void *arg);

/*
 * Take in another process, with what descends from it, while it lives; and from now on whatever
 * has been seen in the tree stays in it, though its parent ends. 0, -ESRCH or -ENOMEM.
 */
int tree_join(struct tree *tree, pid_t pid);

void tree_close(struct tree *tree);

#endif
