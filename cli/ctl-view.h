/* SPDX-License-Identifier: MIT */
/*
 * All that bears on how many cores a process, or a program that the caller starts, may use;
 * and where each number comes from. Read only; what cannot be read is left out and said so.
 */
#ifndef RATION_CTL_VIEW_H
#define RATION_CTL_VIEW_H

#include "cli/machine.h"
#include "conf/apply.h"

#include <stdint.h>

/* In the order in which one is named for the others where several allow the same number. */
enum view_limit {
	VIEW_VARIABLE, /* RATION_CORES */
	VIEW_OWN,
	VIEW_SITE,
	VIEW_SLURM,
	VIEW_QUOTA,
	VIEW_CPUSET,
	VIEW_AFFINITY,
	VIEW_MACHINE,
	VIEW_JOB, /* the `ration` that began it */
	VIEW_LIMITS,
};

struct view {
	pid_t pid; /* 0: none; then the caller speaks for what it may start */
	struct conf_who who;
	struct conf_budget budget;
	struct machine machine;
	char *environment; /* NAME=VALUE, a zero byte after each; NULL: not to be read */
	size_t environment_size;
	uint64_t job;
	int cores[VIEW_LIMITS]; /* 0: no such limit */
	char from[VIEW_LIMITS][2 * PATH_MAX];
	int ceiling;              /* the most it may use */
	enum view_limit deciding; /* of them; VIEW_LIMITS: none any more */
};

/*
 * Of a process, or with pid 0 of the caller. 0; -ESRCH: no such process; -EACCES: it is
 * another user's; -ENOMEM.
 */
int view_read(struct view *view, pid_t pid);

/* Of a user by name: what is configured, on this machine. 0; -ENOENT; -ENOMEM. */
int view_read_user(struct view *view, const char *name);

void view_free(struct view *view);

/* A variable as the program was given it; what it sets itself later is not seen. NULL: unset. */
const char *view_env(const struct view *view, const char *name);

/* "machine", "site", ...: the first word of its line. */
const char *view_limit_name(enum view_limit limit);

/* One line of a table: WHAT VALUE FROM. */
void view_put(const char *what, const char *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The lines of the limits, and of the other keys of the configuration. */
void view_put_limits(const struct view *view);
void view_put_keys(const struct view *view);

#endif
