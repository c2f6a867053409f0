/* SPDX-License-Identifier: MIT */
/*
 * Slurm 22.05 sets SLURM_CPUS_ON_NODE in scripts and tasks, on the node itself, and not in
 * salloc's shell; SLURM_CPUS_PER_TASK only if asked for, and srun then inherits it. These are
 * variables: they bind nobody, and are believed only downwards.
 */
#define _GNU_SOURCE
#include "core/grant.h"

#include "core/budget.h"
#include "core/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CPUS_MAX = 8192 };

const char *const grant_slurm_names[SLURM_VARIABLES] = {
	[SLURM_JOB] = "SLURM_JOB_ID",
	[SLURM_STEP] = "SLURM_STEP_ID",
	[SLURM_TASK] = "SLURM_PROCID",
	[SLURM_RANK] = "PMIX_RANK",
	[SLURM_NODE_CPUS] = "SLURM_CPUS_ON_NODE",
	[SLURM_TASK_CPUS] = "SLURM_CPUS_PER_TASK",
	[SLURM_TASKS] = "SLURM_TASKS_PER_NODE",
};

/* "4" and "4(x2),1" (4 on the first node, where the script runs): 4. */
static int number(const char *text)
{
	return text ? budget_clamp(strtol(text, NULL, 10), 0, BUDGET_MAX) : 0;
}

static bool is_task(const char *const values[SLURM_VARIABLES])
{
	return values[SLURM_STEP] || values[SLURM_RANK];
}

/*
 * CPUs that a task has for itself; 0: none. srun without --cpus-per-task leaves the variable as the
 * batch script had it: what is more than the step has is not of this step.
 */
static int of_task(const char *const values[SLURM_VARIABLES])
{
	int each = number(values[SLURM_TASK_CPUS]), tasks = number(values[SLURM_TASKS]);

	if (!is_task(values)
	    || (long)each * (tasks > 0 ? tasks : 1) > number(values[SLURM_NODE_CPUS]))
		return 0;
	return each;
}

int grant_slurm_cores(const char *const values[SLURM_VARIABLES])
{
	int node = number(values[SLURM_NODE_CPUS]), each = number(values[SLURM_TASK_CPUS]);
	int tasks = number(values[SLURM_TASKS]);

	if (!values[SLURM_JOB] || !node)
		return 0;
	if (is_task(values))
		return of_task(values) ? of_task(values) : node;
	return each ? budget_clamp((long)each * (tasks > 0 ? tasks : 1), 1, node) : node;
}

/*
 * A task with CPUs of its own is a place of its own; without, all that the step has here is
 * shared by its tasks.
 */
static uint64_t slurm_place(const char *const values[SLURM_VARIABLES])
{
	enum grant_slurm last = of_task(values) ? SLURM_RANK : SLURM_STEP;
	uint64_t place = CPUS_NAMELESS;

	for (int i = SLURM_JOB; i <= (int)last; i++)
		if (values[i])
			place = cpus_name(place, values[i], strlen(values[i]) + 1);
	return place;
}

static uint64_t mask_place(void)
{
	unsigned long mask[CPUS_MAX / 8 / sizeof(unsigned long)] = { 0 };

	sched_getaffinity(getpid(), sizeof mask, (cpu_set_t *)mask);
	return cpus_name(CPUS_NAMELESS, mask, sizeof mask);
}

struct grant grant_read(void)
{
	const char *values[SLURM_VARIABLES];
	int online = cpus_online(), allowed = cpus_allowed(), slurm, quota;
	uint64_t where = CPUS_NAMELESS;
	struct grant grant = { .cores = online };

	quota = cpus_quota_where(&where);
	for (int i = 0; i < SLURM_VARIABLES; i++)
		values[i] = getenv(grant_slurm_names[i]);
	slurm = grant_slurm_cores(values);
	if (allowed < grant.cores)
		grant = (struct grant){ allowed, mask_place() };
	if (quota > 0 && quota < grant.cores)
		grant = (struct grant){ quota, where };
	/* Where Slurm confines as well, its job says best who shares the CPUs. */
	if (slurm > 0 && slurm <= grant.cores)
		grant = (struct grant){ slurm, slurm_place(values) };
	if (grant.cores < online)
		grant.place |= 1ull << GRANT_PLACE_BIT;
	else
		grant.place = 0;
	return grant;
}
