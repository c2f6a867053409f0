/* SPDX-License-Identifier: MIT */
/* core/grant.c: what Slurm's variables mean, and who shares the CPUs of a place. */
#define _GNU_SOURCE
#include "core/grant.h"

#include "core/cpus.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* As Slurm 22.05 sets them; "" stands for one that is not set. */
static const struct {
	const char *values[SLURM_VARIABLES]; /* job, step, task, rank, node, per task, tasks */
	int cores;
} cases[] = {
	{ { "", "", "", "", "", "", "" }, 0 },
	{ { "", "", "", "", "8", "2", "1" }, 0 },    /* no job */
	{ { "7", "", "", "", "", "2", "" }, 0 },     /* salloc's shell, elsewhere */
	{ { "7", "", "0", "", "8", "", "1" }, 8 },   /* sbatch, nothing said */
	{ { "7", "", "0", "", "2", "2", "1" }, 2 },  /* sbatch --cpus-per-task=2 */
	{ { "7", "", "0", "", "64", "2", "1" }, 2 }, /* and --exclusive */
	{ { "7", "", "0", "", "8", "2", "4" }, 8 },  /* sbatch -n 4 -c 2, its script */
	{ { "7", "", "0", "", "8", "2", "4(x2),1" }, 8 },
	{ { "7", "", "0", "3", "8", "2", "4" }, 2 }, /* a rank of mpirun in it */
	{ { "7", "0", "3", "", "8", "2", "4" }, 2 }, /* a task of srun in it */
	{ { "7", "0", "3", "", "4", "", "4" }, 4 },  /* srun -n 4: the step's */
	{ { "7", "0", "0", "", "1", "2", "1" }, 1 }, /* inherited, but the step has one */
	{ { "7", "0", "3", "", "4", "2", "4" }, 4 }, /* the same, of four tasks */
	{ { "7", "", "0", "", "junk", "2", "1" }, 0 },
	{ { "7", "", "0", "", "2", "-5", "1" }, 2 },
	{ { "7", "", "0", "", "2", "junk", "junk" }, 2 },
	{ { "7", "", "0", "", "99999999999999999999", "", "" }, 4096 },
};

START_TEST(slurm_is_read)
{
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const char *values[SLURM_VARIABLES];

		for (int at = 0; at < SLURM_VARIABLES; at++)
			values[at] = *cases[i].values[at] ? cases[i].values[at] : NULL;
		ck_assert_msg(grant_slurm_cores(values) == cases[i].cores, "case %zu: %d", i,
			      grant_slurm_cores(values));
	}
}
END_TEST

static void clear(void)
{
	for (int i = 0; i < SLURM_VARIABLES; i++)
		unsetenv(grant_slurm_names[i]);
}

static struct grant in_slurm(const char *job, const char *step, const char *task, const char *node,
			     const char *each)
{
	clear();
	setenv("SLURM_JOB_ID", job, 1);
	setenv("SLURM_PROCID", task, 1);
	setenv("SLURM_CPUS_ON_NODE", node, 1);
	if (*step)
		setenv("SLURM_STEP_ID", step, 1);
	if (*each)
		setenv("SLURM_CPUS_PER_TASK", each, 1);
	return grant_read();
}

/* On one CPU of those we have: then the machine has more, or is no test of this. */
static struct grant on_one(int which)
{
	cpu_set_t all, one;
	struct grant grant;

	ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && which-- == 0)
			CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
	grant = grant_read();
	ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
	return grant;
}

START_TEST(the_same_cpus_are_the_same_place)
{
	struct grant whole, first, again, second;

	clear();
	whole = grant_read();
	ck_assert_int_eq(whole.cores, cpus_granted());
	if (cpus_granted() < 2 || cpus_granted() < cpus_online())
		return;
	ck_assert_uint_eq(whole.place, 0);
	first = on_one(0);
	again = on_one(0);
	second = on_one(1);
	ck_assert_int_eq(first.cores, 1);
	ck_assert(grant_is_place(first.place));
	ck_assert_uint_eq(first.place, again.place);
	ck_assert_uint_ne(first.place, second.place);
}
END_TEST

/* Tasks with CPUs of their own share them with nobody; those without, all of the step's. */
START_TEST(a_job_of_slurm_is_a_place)
{
	struct grant script, task, other, step, same;

	if (cpus_online() < 2)
		return;
	script = in_slurm("7", "", "0", "1", "");
	ck_assert_int_eq(script.cores, 1);
	ck_assert(grant_is_place(script.place));
	ck_assert_uint_eq(script.place, in_slurm("7", "", "0", "1", "1").place);
	ck_assert_uint_ne(script.place, in_slurm("8", "", "0", "1", "").place);
	task = in_slurm("7", "0", "0", "4", "1");
	other = in_slurm("7", "0", "1", "4", "1");
	ck_assert_int_eq(task.cores, 1);
	ck_assert_uint_ne(task.place, other.place);
	step = in_slurm("7", "0", "0", "1", "");
	same = in_slurm("7", "0", "1", "1", "");
	ck_assert_uint_eq(step.place, same.place);
	clear();
	ck_assert_uint_ne(on_one(0).place, step.place);
}
END_TEST

/* It is believed downwards only. */
START_TEST(slurm_cannot_widen)
{
	struct grant grant = in_slurm("7", "", "0", "4096", "4096");
	int granted = cpus_granted();

	ck_assert_int_eq(grant.cores, granted);
	if (granted == cpus_online())
		ck_assert_uint_eq(grant.place, 0);
	clear();
}
END_TEST

int main(void)
{
	const TTest *tests[] = { slurm_is_read, the_same_cpus_are_the_same_place,
				 a_job_of_slurm_is_a_place, slurm_cannot_widen };

	return unit_run("grant", tests, UNIT_COUNT(tests));
}
