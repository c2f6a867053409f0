/* SPDX-License-Identifier: MIT */
/* cli/tally.c: a histogram by time, against sums done by hand. */
#include "cli/tally.h"

#include "tests/unit/unit.h"

static struct tally tally;

static void add(double now, int running)
{
	struct tree_sample sample = { .running = running,
				      .tasks = 2 * running,
				      .processes = 100 - running,
				      .run_s = now,
				      .wait_s = 2 * now };

	tally_add(&tally, &sample, now);
}

static void expect(double got, double wanted)
{
	ck_assert_double_eq_tol(got, wanted, 1e-9);
}

START_TEST(of_nothing_it_says_nothing)
{
	expect(tally_mean(&tally), 0);
	expect(tally_over(&tally, 0), 0);
	ck_assert_int_eq(tally_quantile(&tally, 0.95), 0);
	add(10, 7); /* a single sample has lasted for no time */
	expect(tally_mean(&tally), 0);
	expect(tally_over(&tally, 0), 0);
	ck_assert_int_eq(tally.max.running, 7);
}
END_TEST

/* 2 for one second, 4 for two, none for one: a late sample weighs as much as it was late. */
START_TEST(a_sample_lasts_until_the_next)
{
	add(100, 2);
	add(101, 4);
	add(103, 0);
	add(104, 0);
	expect(tally.total_s, 4);
	expect(tally.gap_max_s, 2);
	expect(tally_mean(&tally), 2.5);
	expect(tally_over(&tally, 0), 0.75);
	expect(tally_over(&tally, 2), 0.5);
	expect(tally_over(&tally, 3.5), 0.5);
	expect(tally_over(&tally, 4), 0);
	ck_assert_int_eq(tally_quantile(&tally, 0.25), 0);
	ck_assert_int_eq(tally_quantile(&tally, 0.3), 2);
	ck_assert_int_eq(tally_quantile(&tally, 0.5), 2);
	ck_assert_int_eq(tally_quantile(&tally, 0.51), 4);
	ck_assert_int_eq(tally_quantile(&tally, 1), 4);
	ck_assert_int_eq(tally.samples, 4);
}
END_TEST

START_TEST(the_highest_of_each_is_kept)
{
	add(0, 3);
	add(1, 9);
	add(2, 5);
	ck_assert_int_eq(tally.max.running, 9);
	ck_assert_int_eq(tally.max.tasks, 18);
	ck_assert_int_eq(tally.max.processes, 97);
	expect(tally.max.run_s, 2); /* sums, which only grow: the last one */
	expect(tally.max.wait_s, 4);
	ck_assert_int_eq(tally.now.running, 5);
}
END_TEST

START_TEST(more_than_can_be_told_apart_are_counted_as_that_many)
{
	add(0, 1000000);
	add(1, TALLY_RUNNING);
	add(2, 0);
	ck_assert_int_eq(tally.max.running, 1000000);
	expect(tally_mean(&tally), TALLY_RUNNING);
	ck_assert_int_eq(tally_quantile(&tally, 0.95), TALLY_RUNNING);
	expect(tally_over(&tally, 64), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		of_nothing_it_says_nothing,
		a_sample_lasts_until_the_next,
		the_highest_of_each_is_kept,
		more_than_can_be_told_apart_are_counted_as_that_many,
	};

	return unit_run("tally", tests, UNIT_COUNT(tests));
}
