/* SPDX-License-Identifier: MIT */
/* cli/excess.c: when a fence is raised and lifted, on invented looks. */
#include "cli/excess.h"

#include "tests/unit/unit.h"

static enum fence_why why;

/* So many looks of 100 ms; answers after which one the verdict was first given, 0: never. */
static int looks(struct excess *excess, int count, double used, double wanted, int running,
		 enum excess_verdict awaited)
{
	struct excess_look look = {
		.elapsed_s = 0.1, .used_s = used * 0.1, .wanted_s = wanted * 0.1, .running = running
	};

	for (int i = 1; i <= count; i++)
		if (excess_judge(excess, &look, &why) == awaited)
			return i;
	return 0;
}

START_TEST(who_uses_what_it_has_is_left_alone)
{
	for (int cores = 1; cores <= 64; cores *= 4) {
		struct excess excess = excess_begin(cores);

		ck_assert_int_eq(looks(&excess, 36000, cores, cores, cores, EXCESS_RAISE), 0);
		ck_assert_int_eq(looks(&excess, 36000, 1.02 * cores, cores, cores, EXCESS_RAISE),
				 0);
		/* Threads that wait for nothing but each other, now and then one more runs. */
		for (int i = 0; i < 100; i++) {
			ck_assert_int_eq(looks(&excess, 1, cores + 0.3 * cores, cores + 1,
					       cores + 1, EXCESS_RAISE),
					 0);
			ck_assert_int_eq(looks(&excess, 5, 0.9 * cores, cores, 1, EXCESS_RAISE), 0);
		}
	}
}
END_TEST

START_TEST(who_uses_more_is_fenced_at_once)
{
	struct excess excess = excess_begin(1);

	ck_assert_int_eq(looks(&excess, 10, 2, 8, 8, EXCESS_RAISE), 1);
	ck_assert_int_eq(why, FENCE_USED);
	excess = excess_begin(4);
	ck_assert_int_eq(looks(&excess, 10, 5, 5, 5, EXCESS_RAISE), 2);
	excess = excess_begin(4);
	ck_assert_int_gt(looks(&excess, 100, 4.4, 5, 5, EXCESS_RAISE), 0);
	/* An hour of idleness is no credit. */
	excess = excess_begin(1);
	ck_assert_int_eq(looks(&excess, 36000, 0, 0, 0, EXCESS_RAISE), 0);
	ck_assert_int_eq(looks(&excess, 10, 2, 8, 8, EXCESS_RAISE), 1);
}
END_TEST

/* Others leave it one CPU of its two, and it has eight threads that want it. */
START_TEST(who_wants_more_is_fenced_though_it_does_not_get_it)
{
	struct excess excess = excess_begin(2);

	ck_assert_int_gt(looks(&excess, 20, 1, 8, 8, EXCESS_RAISE), 0);
	ck_assert_int_eq(why, FENCE_WANTED);
	excess = excess_begin(2);
	ck_assert_int_eq(looks(&excess, 36000, 1, 2.3, 3, EXCESS_RAISE), 0);
}
END_TEST

START_TEST(lifted_when_the_excess_is_gone)
{
	struct excess excess = excess_begin(2);

	looks(&excess, 10, 4, 8, 8, EXCESS_RAISE);
	ck_assert(excess.raised);
	ck_assert_int_eq(looks(&excess, 1000, 2, 8, 8, EXCESS_LIFT), 0);
	ck_assert_int_eq(looks(&excess, 1000, 2, 2.5, 2, EXCESS_LIFT), 0);
	ck_assert_int_eq(looks(&excess, 8, 1, 1, 1, EXCESS_LIFT), 0);
	ck_assert_int_eq(looks(&excess, 1, 1, 1, 3, EXCESS_LIFT), 0);
	ck_assert_int_ge(looks(&excess, 20, 2, 2, 2, EXCESS_LIFT), 10);
	ck_assert(!excess.raised);
}
END_TEST

/* A program that computes now and then: each time calm has to last longer. */
START_TEST(raised_again_and_again_it_stays_longer)
{
	struct excess excess = excess_begin(1);
	int last = 0, calm;

	for (int i = 0; i < 10; i++) {
		ck_assert_int_gt(looks(&excess, 10, 2, 8, 8, EXCESS_RAISE), 0);
		calm = looks(&excess, 1000, 0, 0, 0, EXCESS_LIFT);
		ck_assert_int_ge(calm, last);
		ck_assert_int_le(calm, EXCESS_CALM_MOST_MS / 100 + 1);
		last = calm;
	}
	ck_assert_int_ge(last, EXCESS_CALM_MOST_MS / 100 - 1);
	looks(&excess, EXCESS_AGAIN_MS / 100 + 10, 0, 0, 0, EXCESS_RAISE);
	looks(&excess, 10, 2, 8, 8, EXCESS_RAISE);
	ck_assert_int_le(looks(&excess, 1000, 0, 0, 0, EXCESS_LIFT), EXCESS_CALM_MS / 100 + 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		who_uses_what_it_has_is_left_alone,
		who_uses_more_is_fenced_at_once,
		who_wants_more_is_fenced_though_it_does_not_get_it,
		lifted_when_the_excess_is_gone,
		raised_again_and_again_it_stays_longer,
	};

	return unit_run("excess", tests, UNIT_COUNT(tests));
}
