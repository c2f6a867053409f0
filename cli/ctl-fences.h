/* SPDX-License-Identifier: MIT */
/* The fences of a user (core/fence.h), as rationctl shows them: read only, and never trusted. */
#ifndef RATION_CTL_FENCES_H
#define RATION_CTL_FENCES_H

#include "core/fence.h"

#include <stdio.h>
#include <sys/types.h>

struct fences_fence {
	int command; /* pid */
	int cores;
	bool raised;
	unsigned times; /* that it was raised */
	enum fence_why why;
	struct mask mask;
};

struct fences_list {
	int count, raised;
	struct fences_fence fences[FENCE_ROWS];
};

/* Of commands that are watched now, of a user as rows_copy has it. */
void fences_read(struct fences_list *list, uid_t uid, uint32_t name);

/* [{"command":4242,"cores":1,"raised":true,"cpus":"0-3","times":1,"why":"used"}] */
void fences_put_json(FILE *out, const struct fences_list *list);

/* A line for `why`, of the fence that a process is inside of, if it is. */
void fences_put(const struct fences_list *list, int pid);

#endif
