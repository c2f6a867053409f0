/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/bind.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* A task that has something else than base when it is let out. */
struct bound {
	int tid;
	uint64_t began;
	struct mask had;   /* it gets back */
	struct mask given; /* if it still has this */
};

static struct bound *find(const struct bind *bind, int tid, uint64_t began)
{
	for (size_t i = 0; i < bind->count; i++)
		if (bind->bound[i].tid == tid && (!began || bind->bound[i].began == began))
			return &bind->bound[i];
	return NULL;
}

/* false: no memory. Then it is better left as it is. */
static bool remember(struct bind *bind, const struct tree_task *task, const struct mask *had,
		     const struct mask *given)
{
	struct bound *known = find(bind, task->tid, task->began);

	if (!known && bind->count == bind->room) {
		size_t room = bind->room ? bind->room * 2 : 16;
		struct bound *more = realloc(bind->bound, room * sizeof *more);

		if (!more)
			return false;
		bind->bound = more;
		bind->room = room;
	}
	if (!known)
		known = &bind->bound[bind->count++];
	*known = (struct bound){ task->tid, task->began, *had, *given };
	return true;
}

static void put(struct bind *bind, const struct tree_task *task, const struct mask *mask)
{
	if (mask_set(task->tid, mask) == 0)
		bind->changed++;
}

static void put_in(struct bind *bind, const struct tree_task *task, const struct mask *now)
{
	struct mask given;

	if (mask_within(now, &bind->mask))
		return;
	given = mask_confine(now, &bind->mask, task->tid);
	if (mask_within(&bind->base, now) || remember(bind, task, now, &given))
		put(bind, task, &given);
}

static bool chose_inside(const struct bind *bind, int tid)
{
	for (int i = 0; bind->row && i < FENCE_PINS; i++)
		if (atomic_load(&bind->row->pins[i]) == (uint32_t)tid)
			return true;
	return false;
}

static void let_out(struct bind *bind, const struct tree_task *task, const struct mask *now)
{
	const struct bound *known = find(bind, task->tid, task->began), *parent;
	struct mask had;

	if (known) {
		if (mask_same(now, &known->given) && !mask_same(now, &known->had))
			put(bind, task, &known->had);
		return;
	}
	parent = task->parent ? find(bind, task->parent, 0) : NULL;
	if (parent && mask_same(now, &parent->given)) {
		had = parent->had;
		if (remember(bind, task, &had, now) && !mask_same(now, &had))
			put(bind, task, &had);
	} else if (chose_inside(bind, task->tid)) {
		remember(bind, task, now, now);
	} else if (mask_same(now, &bind->mask) && !mask_same(now, &bind->base)) {
		put(bind, task, &bind->base);
	}
}

void bind_task(struct bind *bind, const struct tree_task *task)
{
	struct mask now;

	if (bind->order == BIND_NOT || mask_get(task->tid, &now) != 0)
		return;
	if (bind->order == BIND_IN)
		put_in(bind, task, &now);
	else if (bind->order == BIND_OUT)
		let_out(bind, task, &now);
	else if (!mask_within(&bind->base, &now) && remember(bind, task, &now, &now))
		bind->found(bind->arg, &now);
}

void bind_at_once(struct bind *bind, pid_t pid)
{
	const struct dirent *entry;
	struct mask now, given;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int tid = atoi(entry->d_name);

		if (tid <= 0 || mask_get(tid, &now) != 0 || !mask_within(&bind->base, &now)
		    || mask_within(&now, &bind->mask))
			continue;
		given = mask_confine(&now, &bind->mask, tid);
		mask_set(tid, &given);
	}
	if (dir)
		closedir(dir);
}

void bind_forget(struct bind *bind)
{
	free(bind->bound);
	bind->bound = NULL;
	bind->count = bind->room = 0;
}
