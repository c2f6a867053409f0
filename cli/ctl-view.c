/* SPDX-License-Identifier: MIT */
/* Collecting; what is done with it is in ctl-show.c and ctl-why.c. */
#define _GNU_SOURCE
#include "cli/ctl-view.h"

#include "cli/procfile.h"
#include "core/budget.h"
#include "core/env.h"
#include "core/grant.h"
#include "core/ident.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 4 << 20 };

static int read_environment(struct view *view, pid_t pid)
{
	ssize_t length;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/environ", pid);
	view->environment = malloc(ENVIRONMENT_MAX + 1);
	if (!view->environment)
		return -ENOMEM;
	length = procfile_read_apart(path, view->environment, ENVIRONMENT_MAX + 1);
	if (length >= 0) {
		view->environment_size = (size_t)length;
		return 0;
	}
	free(view->environment);
	view->environment = NULL;
	return length == -ENOENT || length == -ESRCH ? -ESRCH : 0;
}

const char *view_env(const struct view *view, const char *name)
{
	const char *at = view->environment, *end = at ? at + view->environment_size : NULL;
	size_t length = strlen(name);

	for (; at < end; at += strlen(at) + 1)
		if (!strncmp(at, name, length) && at[length] == '=')
			return at + length + 1;
	return NULL;
}

static void limit(struct view *view, enum view_limit which, int cores, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void limit(struct view *view, enum view_limit which, int cores, const char *format, ...)
{
	va_list args;

	view->cores[which] = cores;
	va_start(args, format);
	vsnprintf(view->from[which], sizeof view->from[which], format, args);
	va_end(args);
}

/* /etc/ration.conf:12, group "students": cores = 25% */
static void limit_found(struct view *view, enum view_limit which, const struct conf_found *found,
			int error, const char *path, const char *problem)
{
	char section[256], value[32];

	if (found->section && found->value.line < 0) /* of the table */
		limit(view, which, conf_cores(found->value, view->machine.online),
		      "%s, %s: cores = %s", found->section->file,
		      conf_section_text(found->section, section, sizeof section),
		      conf_value_text(CONF_CORES, found->value, value, sizeof value));
	else if (found->section)
		limit(view, which, conf_cores(found->value, view->machine.online),
		      "%s:%d, %s: cores = %s", found->section->file, found->value.line,
		      conf_section_text(found->section, section, sizeof section),
		      conf_value_text(CONF_CORES, found->value, value, sizeof value));
	else if (error == -EINVAL)
		limit(view, which, 0, "not heeded: %s", problem);
	else if (!*path)
		limit(view, which, 0, "none is to be read");
	else
		limit(view, which, 0, error ? "%s is not there" : "%s does not say", path);
}

static void read_budget(struct view *view)
{
	struct conf_budget *budget = &view->budget;

	conf_budget_read(budget, CONF_SITE_FILE, &view->who, view->machine.online);
	limit_found(view, VIEW_SITE, &budget->found[CONF_CORES], budget->site_error,
		    budget->site_path, budget->site.problem);
	limit_found(view, VIEW_OWN, &budget->own_cores, budget->own_error, budget->own_path,
		    budget->own.problem);
}

/* Only what says less than the machine is worth a number. */
static void read_machine(struct view *view)
{
	const struct machine *machine = &view->machine;
	int allowed = machine->allowed;

	limit(view, VIEW_MACHINE, machine->online, "CPUs online");
	limit(view, VIEW_CPUSET, 0, "no less");
	limit(view, VIEW_AFFINITY, 0, "no less");
	limit(view, VIEW_QUOTA, 0, "none");
	if (machine->cpuset && machine->cpuset < machine->online)
		limit(view, VIEW_CPUSET, machine->cpuset, "by %s", machine->cpuset_at);
	if (allowed < machine->online && (!view->cores[VIEW_CPUSET] || allowed < machine->cpuset))
		limit(view, VIEW_AFFINITY, allowed, "CPU affinity");
	if (machine->quota)
		limit(view, VIEW_QUOTA, machine->quota, "%.2f CPUs by %s", machine->quota_exact,
		      machine->quota_at);
}

/* job 42: SLURM_CPUS_ON_NODE=8 SLURM_CPUS_PER_TASK=2 */
static void read_slurm(struct view *view)
{
	const char *values[SLURM_VARIABLES];
	int cores;

	for (int i = 0; i < SLURM_VARIABLES; i++)
		values[i] = view_env(view, grant_slurm_names[i]);
	cores = grant_slurm_cores(values);
	if (!values[SLURM_JOB])
		limit(view, VIEW_SLURM, 0, "not in a job");
	else
		limit(view, VIEW_SLURM, cores, "job %.32s: %s=%.32s %s=%.32s", values[SLURM_JOB],
		      grant_slurm_names[SLURM_NODE_CPUS],
		      values[SLURM_NODE_CPUS] ? values[SLURM_NODE_CPUS] : "",
		      grant_slurm_names[SLURM_TASK_CPUS],
		      values[SLURM_TASK_CPUS] ? values[SLURM_TASK_CPUS] : "");
}

/* 18f2a40001a2b:4:-1, as `ration` wrote it. */
static void read_orders(struct view *view)
{
	const char *job = view_env(view, ENV_JOB), *cores = view_env(view, ENV_CORES);
	unsigned long long id;
	int number = cores ? atoi(cores) : 0, given;

	limit(view, VIEW_VARIABLE, 0, ENV_CORES " is not set");
	if (number > 0 && number <= BUDGET_MAX)
		limit(view, VIEW_VARIABLE, number, ENV_CORES "=%d", number);
	limit(view, VIEW_JOB, 0, "not begun by ration");
	if (!job || sscanf(job, "%llx:%d", &id, &given) != 2 || given < 1)
		return;
	view->job = id;
	if (id && !grant_is_place(id))
		limit(view, VIEW_JOB, given, "ration -n, process %d", ident_pid(id));
	else
		limit(view, VIEW_JOB, given, "ration, when it started");
}

/*
 * With a job, its cores have been found from all the others; the first that says the same
 * number is the reason. Without, the least of them will be.
 */
static void decide(struct view *view)
{
	int least = BUDGET_MAX, ceiling;

	for (int i = 0; i < VIEW_JOB; i++)
		if (view->cores[i] && view->cores[i] < least)
			least = view->cores[i];
	ceiling = view->cores[VIEW_JOB] ? view->cores[VIEW_JOB] : least;
	if (view->pid && view->cores[VIEW_AFFINITY] && view->cores[VIEW_AFFINITY] < ceiling)
		ceiling = view->cores[VIEW_AFFINITY];
	if (!view->pid && least < ceiling)
		ceiling = least;
	view->ceiling = ceiling;
	for (view->deciding = 0; view->deciding < VIEW_LIMITS; view->deciding++)
		if (view->cores[view->deciding] == ceiling)
			return;
}

static int check_owner(struct view *view, pid_t pid)
{
	struct stat stat_of;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d", pid);
	if (stat(path, &stat_of) != 0)
		return -ESRCH;
	if (stat_of.st_uid == geteuid())
		return conf_who_calling(&view->who);
	if (geteuid() != 0)
		return -EACCES;
	return conf_who_of(&view->who, stat_of.st_uid);
}

int view_read(struct view *view, pid_t pid)
{
	pid_t whom = pid ? pid : getpid();
	int error;

	memset(view, 0, sizeof *view);
	view->pid = pid;
	error = check_owner(view, whom);
	if (!error)
		error = machine_read(&view->machine, whom, "");
	if (!error)
		error = read_environment(view, whom);
	if (error) {
		view_free(view);
		return error;
	}
	read_machine(view);
	read_slurm(view);
	read_budget(view);
	read_orders(view);
	decide(view);
	return 0;
}

int view_read_user(struct view *view, const char *name)
{
	int error;

	memset(view, 0, sizeof *view);
	error = conf_who_named(&view->who, name);
	if (error) {
		view_free(view);
		return error;
	}
	view->machine.online = machine_online();
	limit(view, VIEW_MACHINE, view->machine.online, "CPUs online");
	for (int i = VIEW_SLURM; i < VIEW_MACHINE; i++)
		limit(view, (enum view_limit)i, 0, "each session's own");
	limit(view, VIEW_VARIABLE, 0, "each session's own");
	limit(view, VIEW_JOB, 0, "each session's own");
	read_budget(view);
	decide(view);
	return 0;
}

void view_free(struct view *view)
{
	free(view->environment);
	conf_budget_free(&view->budget);
	conf_who_free(&view->who);
}
