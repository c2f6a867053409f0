/* SPDX-License-Identifier: MIT */
/*
 * What this process may use of the machine if nobody configured anything: affinity,
 * quotas, and what Slurm says it has allocated, for Slurm need not confine (TaskPlugin).
 */
#ifndef RATION_GRANT_H
#define RATION_GRANT_H

#include <stdint.h>

struct grant {
	int cores; /* at least 1 */
	/*
	 * Processes that are confined to fewer CPUs than the machine has share these: the
	 * same place, the same CPUs. Used as the job of those that have none. 0: not confined.
	 */
	uint64_t place;
};

struct grant grant_read(void);

/* A job that is a place has no process that began it. */
enum { GRANT_PLACE_BIT = 63 };
static inline int grant_is_place(uint64_t job)
{
	return job >> GRANT_PLACE_BIT != 0;
}

/* Slurm's variables, in the order of grant_slurm_names. NULL: not set. */
enum grant_slurm {
	SLURM_JOB,
	SLURM_STEP,
	SLURM_TASK,
	SLURM_RANK,
	SLURM_NODE_CPUS,
	SLURM_TASK_CPUS,
	SLURM_TASKS,
	SLURM_VARIABLES,
};
extern const char *const grant_slurm_names[SLURM_VARIABLES];

/*
 * CPUs that Slurm allocated on this node: of a task (srun, or a rank of mpirun), those of the
 * task if --cpus-per-task said it, and else those of the step; of a batch script, those of
 * all its tasks here. 0: not in a job, or not on its node (salloc).
 */
int grant_slurm_cores(const char *const values[SLURM_VARIABLES]);

#endif
