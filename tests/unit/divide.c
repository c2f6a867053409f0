/* SPDX-License-Identifier: MIT */
/* core/budget.c, the division against an oracle (oracle.h), over thousands of cases. */
#include "core/budget.h"

#include "tests/unit/oracle.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

static struct budget_room room;
static struct budget_guest guests[BUDGET_GUESTS];
static struct claim claims[BUDGET_GUESTS];
static uint64_t jobs[BUDGET_GUESTS];

static long sum(size_t count)
{
	long total = 0;

	for (size_t i = 0; i < count; i++)
		total += guests[i].share;
	return total;
}

START_TEST(a_fill_is_what_the_oracle_hands_out)
{
	static struct claim own[64];
	uint64_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		size_t count = (size_t)unit_random(&seed, 0, 1 << unit_random(&seed, 0, 6));
		int cores = unit_random(&seed, 0, 1 << unit_random(&seed, 0, 9));
		int most = 1 << unit_random(&seed, 0, 8);

		for (size_t j = 0; j < count; j++) {
			own[j].low = unit_random(&seed, 0, 4);
			own[j].high = own[j].low + unit_random(&seed, 0, most);
			claims[j] = own[j];
		}
		budget_fill(own, count, cores);
		oracle_fill(claims, count, cores);
		for (size_t j = 0; j < count; j++)
			UNIT_MUST(own[j].share == claims[j].share, "%d, not %d", own[j].share,
				  claims[j].share);
	}
}
END_TEST

static void draw(uint64_t *seed, size_t count)
{
	int most_jobs = unit_random(seed, 1, 1 << unit_random(seed, 0, 6));
	int most_cores = 1 << unit_random(seed, 0, 8);

	for (size_t i = 0; i < count; i++) {
		int job = unit_random(seed, 1, most_jobs);

		/* Idents as they are: a time above 22 bits of pid. All of a job agree. */
		guests[i].job = ((uint64_t)job * 977 << 22) + (uint64_t)job;
		guests[i].job_cores = 1 + job * 7919 % most_cores;
		guests[i].wish = unit_random(seed, 1, 1 << unit_random(seed, 0, 7));
		guests[i].share = -1;
	}
}

/* The sum, by a formula of its own: what the jobs can use, or all there is. */
static long owed(size_t known, size_t count, int cores)
{
	long usable = 0;

	for (size_t i = 0; i < known; i++)
		usable += claims[i].high;
	if (usable > cores)
		usable = cores;
	return usable > (long)count ? usable : (long)count;
}

static void compare_jobs(size_t count, int cores)
{
	static int got[BUDGET_GUESTS], due[BUDGET_GUESTS];
	size_t known = oracle_jobs(guests, count, jobs, claims);

	ck_assert_int_eq(sum(count), owed(known, count, cores));
	oracle_fill(claims, known, cores);
	for (size_t job = 0; job < known; job++) {
		due[job] = claims[job].share;
		got[job] = 0;
		for (size_t i = 0; i < count; i++)
			got[job] += guests[i].job == jobs[job] ? guests[i].share : 0;
		ck_assert_int_ge(got[job], claims[job].low);
		ck_assert_int_le(got[job], claims[job].high);
	}
	qsort(got, known, sizeof *got, oracle_order);
	qsort(due, known, sizeof *due, oracle_order);
	for (size_t job = 0; job < known; job++)
		ck_assert_int_eq(got[job], due[job]);
}

static void compare_guests(size_t count)
{
	size_t known = oracle_jobs(guests, count, jobs, claims);

	for (size_t job = 0; job < known; job++) {
		size_t next = 0;
		int cores = 0;

		for (size_t i = 0; i < count; i++)
			cores += guests[i].job == jobs[job] ? guests[i].share : 0;
		oracle_guests(guests, count, jobs[job], cores, claims);
		for (size_t i = 0; i < count; i++)
			if (guests[i].job == jobs[job] && guests[i].share != claims[next++].share)
				ck_abort_msg("%d, not %d", guests[i].share, claims[next - 1].share);
	}
}

START_TEST(a_division_is_what_the_oracle_hands_out)
{
	uint64_t seed = 5;

	for (int i = 0; i < 6000; i++) {
		size_t count = (size_t)unit_random(&seed, 0, 1 << unit_random(&seed, 0, 6));
		int cores = unit_random(&seed, 1, 1 << unit_random(&seed, 0, 9));

		draw(&seed, count);
		budget_divide(guests, count, cores, &room);
		compare_jobs(count, cores);
		compare_guests(count);
	}
}
END_TEST

START_TEST(so_are_those_of_a_thousand)
{
	uint64_t seed = 7;

	for (int i = 0; i < 24; i++) {
		size_t count = (size_t)unit_random(&seed, 900, BUDGET_GUESTS);

		draw(&seed, count);
		budget_divide(guests, count, unit_random(&seed, 1, BUDGET_MAX), &room);
		compare_guests(count);
	}
	draw(&seed, BUDGET_GUESTS);
	budget_divide(guests, BUDGET_GUESTS, 1500, &room);
	compare_jobs(BUDGET_GUESTS, 1500);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_fill_is_what_the_oracle_hands_out,
		a_division_is_what_the_oracle_hands_out,
		so_are_those_of_a_thousand,
	};

	return unit_run("divide", tests, UNIT_COUNT(tests));
}
