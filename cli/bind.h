/* SPDX-License-Identifier: MIT */
/*
 * The tasks of a tree, put inside a fence and let out again: called for each task that a pass comes
 * by, again and again until a pass finds nothing to do, for a task that is born meanwhile has what
 * its parent had. What a task or its user had chosen for itself is never widened: inside the fence
 * it keeps what lies in both, and has its own back when it is let out.
 */
#ifndef RATION_BIND_H
#define RATION_BIND_H

#include "cli/tree.h"
#include "core/fence.h"

struct bound;

struct bind {
	struct mask base;            /* what a task may use that has chosen nothing */
	struct mask mask;            /* the fence */
	const struct fence_row *row; /* who chose inside it (fence_row.pins); or NULL */
	enum { BIND_NOT, BIND_LOOK, BIND_IN, BIND_OUT } order;
	int changed; /* since the caller put it to 0 */
	void (*found)(void *arg,
		      const struct mask *own); /* BIND_LOOK: a task that chose for itself */
	void *arg;
	struct bound *bound;
	size_t count, room;
};

void bind_task(struct bind *bind, const struct tree_task *task);

/* All are out: forget who had what. */
/*
 * Into the fence, at once, all threads of a process that have not chosen for themselves: some 2 us
 * each, so that those who use too much are held before a pass has come by all the others.
 */
void bind_at_once(struct bind *bind, pid_t pid);

void bind_forget(struct bind *bind);

#endif
