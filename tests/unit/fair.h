/* SPDX-License-Identifier: MIT */
/*
 * What is promised, as checks of the simulated machine (simulate.h): the bound in
 * every millisecond, and fairness where a load has come to rest.
 */
#ifndef TESTS_FAIR_H
#define TESTS_FAIR_H

#include "tests/unit/oracle.h"
#include "tests/unit/simulate.h"

#include <stdlib.h>

enum { JOBS = 5 };

static struct budget_guest truth[SIM_GUESTS];
static struct claim claims[SIM_GUESTS];
static uint64_t jobs[SIM_GUESTS];

static inline int drawn(int low, int high)
{
	return unit_random(&sim_seed, low, high);
}

/*
 * No more run than the budget; but whoever comes to a full house has one core all the
 * same, until the calls that fill it come to an end. The same for each job. Nobody
 * has more than he wishes.
 */
static inline void expect_bound(void)
{
	int running[JOBS + 1] = { 0 }, all = 0, cores[JOBS + 1] = { 0 };

	for (int i = 0; i < sim_places; i++) {
		const struct sim_guest *guest = &sim_guests[i];

		if (!guest->row || guest->state != SIM_CALLS)
			continue;
		UNIT_MUST(guest->running >= 1 && guest->running <= guest->wish, "%d of %d",
			  guest->running, guest->wish);
		all += guest->running - guest->squeezed;
		running[guest->row->job] += guest->running - guest->squeezed;
		if (cores[guest->row->job] < guest->cores)
			cores[guest->row->job] = guest->cores;
	}
	UNIT_MUST(all <= sim_budget(), "%d run, not counting those squeezed in", all);
	for (int job = 1; job <= JOBS; job++)
		UNIT_MUST(running[job] == 0 || running[job] <= cores[job],
			  "%d of a job run, not counting those squeezed in", running[job]);
}

static inline void pass(int ms)
{
	while (ms-- > 0) {
		sim_tick();
		expect_bound();
	}
}

static inline size_t list_callers(const struct sim_guest **list)
{
	size_t count = 0;

	for (int i = 0; i < sim_places; i++)
		if (sim_guests[i].row && sim_guests[i].state == SIM_CALLS)
			list[count++] = &sim_guests[i];
	return count;
}

/* In any order: which of them has the odd core is nobody's right. */
static inline void expect_same(int *got, int *due, size_t count)
{
	qsort(got, count, sizeof *got, oracle_order);
	qsort(due, count, sizeof *due, oracle_order);
	for (size_t i = 0; i < count; i++)
		UNIT_MUST(got[i] == due[i], "%d, not %d", got[i], due[i]);
}

/* Within a job, of what it has. */
static inline int expect_fair_job(size_t count, uint64_t job)
{
	static int got[SIM_GUESTS], due[SIM_GUESTS];
	size_t members = 0;
	int sum = 0;

	for (size_t i = 0; i < count; i++)
		if (truth[i].job == job)
			sum += got[members++] = truth[i].share;
	oracle_guests(truth, count, job, sum, claims);
	for (size_t i = 0; i < members; i++)
		due[i] = claims[i].share;
	expect_same(got, due, members);
	return sum;
}

/* At rest: what all have is what they are to have, and that is what the oracle gives them. */
static inline void expect_fair(void)
{
	static const struct sim_guest *list[SIM_GUESTS];
	static int got[SIM_GUESTS], due[SIM_GUESTS];
	size_t count = list_callers(list), known;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = list[i]->row;

		UNIT_MUST(row->share == row->target, "share %d, target %d", row->share,
			  row->target);
		truth[i] = (struct budget_guest){ .job = row->job,
						  .job_cores = list[i]->cores,
						  .wish = list[i]->wish,
						  .share = row->share };
	}
	known = oracle_jobs(truth, count, jobs, claims);
	oracle_fill(claims, known, sim_budget());
	for (size_t job = 0; job < known; job++)
		due[job] = claims[job].share;
	for (size_t job = 0; job < known; job++)
		got[job] = expect_fair_job(count, jobs[job]);
	expect_same(got, due, known);
}

#endif
