/* SPDX-License-Identifier: MIT */
/*
 * The tasks that cli/tree.c has met, and the time each had used when it was last seen.
 * The law of it: a task's time is counted once. A task is known by its number and the moment it
 * began, so neither a number that is used again, nor a pass that missed a task and the next one
 * that finds it, adds its time a second time.
 */
#ifndef RATION_TASKS_H
#define RATION_TASKS_H

#include <stddef.h>
#include <stdint.h>

struct task {
	int tid;        /* 0: this slot is free */
	uint32_t pass;  /* of the walk that saw it last */
	uint64_t began; /* clock ticks since boot */
	uint64_t run_ns, wait_ns;
	uint64_t used_ns, reaped_ns; /* of the first task of a process: see tasks_spend */
};

struct tasks {
	uint32_t pass;
	uint64_t run_ns, wait_ns; /* of all tasks ever met */
	uint64_t spent_ns;        /* by all processes, those included that ended unseen */
	uint64_t used_ns, reaped_ns, owed_ns; /* of this pass, on the way to it */
	struct task *slots;                   /* hash table, open addressing */
	size_t size, used; /* size: a power of two, at most three quarters used */
};

/* 0 or -ENOMEM. */
int tasks_open(struct tasks *tasks);
void tasks_close(struct tasks *tasks);

/* The task, entered as one not seen in this pass if it is new. 0 or -ENOMEM. */
int tasks_find(struct tasks *tasks, int tid, uint64_t began, struct task **task);

/* What the task has used since it began; what it used since we last looked goes to the sum. */
void tasks_count(struct tasks *tasks, struct task *task, uint64_t run_ns, uint64_t wait_ns);

/*
 * What a process, known by its first task, has used itself, and what its children had used, and
 * theirs, that ended and were waited for. The latter tells of those that no pass has seen;
 * tasks_end ends a pass, and takes from it what had been counted while they lived.
 */
void tasks_spend(struct tasks *tasks, struct task *task, uint64_t used_ns, uint64_t reaped_ns);
void tasks_end(struct tasks *tasks);

#endif
