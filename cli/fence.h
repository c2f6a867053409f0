/* SPDX-License-Identifier: MIT */
/* Which fence a command gets, from what was asked for, the configuration, and an outer `ration`. */
#ifndef RATION_CLI_FENCE_H
#define RATION_CLI_FENCE_H

#include "cli/run.h"
#include "cli/user.h"
#include "cli/warden.h"

/* What an outer `ration` has said of it, if there is one. */
struct fence_outer {
	int mode;         /* enum conf_fence; -1: there is none */
	uint64_t watched; /* ident of the command that it watches; 0: it watches none */
	int cores;        /* of its job */
};

/*
 * Of the two, what holds: the option, and else what is configured, and else what the outer one
 * does. Who is locked can have one that binds more, and none that binds less.
 */
enum conf_fence fence_mode(int option, const struct user *user, const struct fence_outer *outer);

/*
 * Complete the job and write orders for its warden. false: it needs none; there are no CPUs
 * beside its own, or that of the outer command sees to it.
 */
bool fence_begin(const struct run *run, const struct user *user, struct job *job,
		 struct warden_orders *orders);

/* Before this process becomes the command: let it be watched. */
void fence_watch(const struct warden_orders *orders, const struct job *job);

#endif
