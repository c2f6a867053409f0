/* SPDX-License-Identifier: MIT */
/* The table behind cli/tree.c: grows with the living, forgets the gone. The header has its law. */
#include "cli/tasks.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * A task not seen in so many passes is gone. A living one is missed now and then: the kernel's list
 * of children is only exact while nothing forks or ends (proc(5)).
 */
#define PASSES_KEPT 64

/* Times of the waited for are whole ticks, and two of them: so much may come late. */
#define OWED_MOST_NS 30000000

/* Numbers that follow each other land far apart: Fibonacci hashing. */
static struct task *find_slot(const struct tasks *tasks, int tid, uint64_t began)
{
	size_t mask = tasks->size - 1;
	size_t i = ((uint32_t)tid * 2654435769u >> 8) & mask;

	while (tasks->slots[i].tid
	       && (tasks->slots[i].tid != tid || tasks->slots[i].began != began))
		i = (i + 1) & mask;
	return &tasks->slots[i];
}

static bool kept(const struct tasks *tasks, const struct task *task)
{
	return task->tid && tasks->pass - task->pass < PASSES_KEPT;
}

/* Drops the tasks that are gone, and takes twice the room if the others still fill half of it. */
static int make_room(struct tasks *tasks)
{
	struct tasks old = *tasks;
	size_t i;

	tasks->used = 0;
	for (i = 0; i < old.size; i++)
		tasks->used += kept(&old, &old.slots[i]);
	if (tasks->used > old.size / 2)
		tasks->size *= 2;
	tasks->slots = calloc(tasks->size, sizeof(*tasks->slots));
	if (!tasks->slots) {
		*tasks = old;
		return -ENOMEM;
	}
	for (i = 0; i < old.size; i++)
		if (kept(&old, &old.slots[i]))
			*find_slot(tasks, old.slots[i].tid, old.slots[i].began) = old.slots[i];
	free(old.slots);
	return 0;
}

int tasks_find(struct tasks *tasks, int tid, uint64_t began, struct task **task)
{
	int error;

	*task = find_slot(tasks, tid, began);
	if ((*task)->tid)
		return 0;
	if (tasks->used >= tasks->size / 4 * 3) {
		error = make_room(tasks);
		if (error)
			return error;
		*task = find_slot(tasks, tid, began);
	}
	tasks->used++;
	**task = (struct task){ .tid = tid, .began = began, .pass = tasks->pass - 1 };
	return 0;
}

/*
 * When a thread other than the first one execs, it goes on under the first one's number and start,
 * with its own counters, which were counted already. Lower than what the first one had: nothing is
 * added. Higher: the difference is counted twice, the one exception to the law.
 */
void tasks_count(struct tasks *tasks, struct task *task, uint64_t run_ns, uint64_t wait_ns)
{
	if (run_ns >= task->run_ns && wait_ns >= task->wait_ns) {
		tasks->run_ns += run_ns - task->run_ns;
		tasks->wait_ns += wait_ns - task->wait_ns;
	}
	task->run_ns = run_ns;
	task->wait_ns = wait_ns;
}

void tasks_spend(struct tasks *tasks, struct task *task, uint64_t used_ns, uint64_t reaped_ns)
{
	if (used_ns > task->used_ns)
		tasks->used_ns += used_ns - task->used_ns;
	if (reaped_ns > task->reaped_ns)
		tasks->reaped_ns += reaped_ns - task->reaped_ns;
	task->used_ns = used_ns;
	task->reaped_ns = reaped_ns;
}

void tasks_end(struct tasks *tasks)
{
	uint64_t counted_ns = tasks->owed_ns;

	for (size_t i = 0; i < tasks->size; i++)
		if (tasks->slots[i].tid && tasks->slots[i].pass == tasks->pass - 1)
			counted_ns += tasks->slots[i].used_ns + tasks->slots[i].reaped_ns;
	tasks->owed_ns = counted_ns > tasks->reaped_ns ? counted_ns - tasks->reaped_ns : 0;
	if (tasks->reaped_ns > counted_ns)
		tasks->spent_ns += tasks->reaped_ns - counted_ns;
	if (tasks->owed_ns > OWED_MOST_NS)
		tasks->owed_ns = OWED_MOST_NS;
	tasks->spent_ns += tasks->used_ns;
	tasks->used_ns = tasks->reaped_ns = 0;
}

int tasks_open(struct tasks *tasks)
{
	*tasks = (struct tasks){ .size = 1024 };
	tasks->slots = calloc(tasks->size, sizeof(*tasks->slots));
	return tasks->slots ? 0 : -ENOMEM;
}

void tasks_close(struct tasks *tasks)
{
	free(tasks->slots);
	tasks->slots = NULL;
}
