/* SPDX-License-Identifier: MIT */
/*
 * The policy as a whole, in virtual time (simulate.h): a division must come to rest
 * where max-min fairness (oracle.h) says, and move when the load does. Lives of all
 * kinds are in lives.c.
 */
#include "tests/unit/fair.h"

enum { LONG_MS = 30000 };

static void start_pool(int count, const int *due, uint64_t seed)
{
	int got[8] = { 0 };

	sim_begin(6, seed);
	for (int i = 0; i < count; i++) {
		struct sim_guest *guest = sim_join(i, 1, 6, 6, drawn(0, 8));

		guest->forked = true;
		guest->habit.call[0] = guest->habit.call[1] = LONG_MS;
		pass(drawn(0, 1));
	}
	pass(50);
	for (int i = 0; i < count; i++)
		got[i] = sim_guests[i].running;
	qsort(got, (size_t)count, sizeof *got, oracle_order);
	for (int i = 0; i < count; i++)
		ck_assert_msg(got[i] == due[i], "pool of %d, seed %d: %d not %d", count, (int)seed,
			      got[i], due[i]);
}

START_TEST(a_pool_starts_with_calls_of_half_a_minute)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		start_pool(1, (int[]){ 6 }, seed);
		start_pool(2, (int[]){ 3, 3 }, seed);
		start_pool(3, (int[]){ 2, 2, 2 }, seed);
		start_pool(4, (int[]){ 1, 1, 2, 2 }, seed);
		start_pool(6, (int[]){ 1, 1, 1, 1, 1, 1 }, seed);
		start_pool(8, (int[]){ 1, 1, 1, 1, 1, 1, 1, 1 }, seed);
	}
}
END_TEST

/* One has all, for ten seconds; whoever comes has one; at the next gate all are equal. */
START_TEST(a_newcomer_need_not_wait)
{
	sim_begin(6, 61);
	sim_join(0, 1, 6, 6, 0)->habit = (struct sim_habit){ .call = { 10000, 10000 } };
	pass(1000);
	ck_assert_int_eq(sim_guests[0].running, 6);
	for (int i = 1; i < 4; i++) {
		sim_join(i, 1, 6, 6, 3)->habit = (struct sim_habit){ .call = { 200, 200 } };
		pass(500);
		ck_assert_int_eq(sim_guests[i].running, 1);
		ck_assert_int_eq(sim_guests[0].running, 6);
	}
	pass(8000); /* the long call is over, the next one is smaller */
	expect_fair();
	ck_assert_int_le(sim_guests[0].running, 2);
}
END_TEST

/* A `ration -n 4`, or a taskset, inside a job; and programs that belong to none. */
START_TEST(each_has_what_it_may_use_of_its_job)
{
	sim_begin(64, 127);
	sim_join(0, 1, 64, 64, 1);
	sim_join(1, 1, 4, 64, 1);
	pass(200);
	ck_assert_int_eq(sim_guests[0].running, 60);
	ck_assert_int_eq(sim_guests[1].running, 4);
	sim_begin(64, 131);
	for (int i = 0; i < 3; i++)
		sim_join(i, 0, 20, 20, 1);
	pass(200);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(sim_guests[i].running, 20);
}
END_TEST

/* People who come, each with programs of some kind, and all of them at work. */
static void draw_callers(int count, int budget)
{
	int cores[JOBS + 1] = { 0 };

	for (int job = 0; job <= JOBS; job++)
		cores[job] = drawn(0, 1) ? budget : drawn(1, budget);
	cores[0] = budget;
	for (int i = 0; i < count; i++) {
		int job = drawn(0, JOBS);

		sim_join(i, (uint64_t)job, cores[job], drawn(1, cores[job]), drawn(0, 5));
	}
}

/* However many come, after three rounds nothing moves, and all is as the oracle has it. */
static void come_to_rest(int count, int budget, uint64_t seed)
{
	static uint16_t targets[LEDGER_ROWS];

	sim_begin(budget, seed);
	draw_callers(count, budget);
	pass(5 + 2 * SIM_QUIET_START_MS + 3 * ROUND_MS);
	for (int i = 0; i < LEDGER_ROWS; i++)
		targets[i] = sim_ledger.rows[i].target;
	pass(2 * ROUND_MS);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(sim_guests[i].state, SIM_CALLS);
	expect_fair();
	for (int round = 0; round < 10; round++) {
		pass(ROUND_MS);
		for (int i = 0; i < LEDGER_ROWS; i++)
			UNIT_MUST(targets[i] == sim_ledger.rows[i].target, "target %d, then %d",
				  targets[i], sim_ledger.rows[i].target);
	}
	expect_fair();
}

START_TEST(a_steady_load_comes_to_rest)
{
	for (uint64_t seed = 1; seed <= 30; seed++) {
		uint64_t dice = seed * 977;
		int count = unit_random(&dice, 1, 1 << unit_random(&dice, 0, 6));

		come_to_rest(count, unit_random(&dice, 1, 1 << unit_random(&dice, 0, 7)), seed);
	}
}
END_TEST

START_TEST(so_does_one_of_a_thousand)
{
	come_to_rest(SIM_GUESTS, 6, 67);
	come_to_rest(SIM_GUESTS, 1700, 71);
}
END_TEST

START_TEST(the_idle_lend_and_take_back)
{
	sim_begin(12, 73);
	for (int i = 0; i < 4; i++)
		sim_join(i, 1, 12, 12, 1);
	pass(200);
	for (int i = 0; i < 3; i++)
		sim_rest(&sim_guests[i], SIM_WAITS), sim_guests[i].until_ms = sim_now_ms + 500;
	pass(BUDGET_IDLE_MS - ROUND_MS);
	ck_assert_int_eq(sim_guests[3].running, 3);
	pass(3 * ROUND_MS + 4);
	ck_assert_int_eq(sim_guests[3].running, 12);
	pass(500);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(sim_guests[i].running, 3);
}
END_TEST

START_TEST(the_cores_of_the_killed_come_back_in_two_rounds)
{
	sim_begin(12, 79);
	for (int i = 0; i < 12; i++)
		sim_join(i, 1, 12, 12, 1)->habit.call[1] = i < 10 ? LONG_MS : 3;
	pass(300);
	ck_assert_int_eq(sim_guests[11].running, 1);
	for (int i = 0; i < 10; i++)
		sim_kill(i);
	pass(2 * ROUND_MS + 6);
	ck_assert_int_eq(sim_guests[10].running, 6);
	ck_assert_int_eq(sim_guests[11].running, 6);
}
END_TEST

/* A pool's parent that feeds its workers takes nothing from them; one that computes, one core. */
START_TEST(a_parent_is_no_worker)
{
	sim_begin(4, 83);
	for (int i = 0; i < 2; i++)
		sim_join(i, 1, 4, 4, 1);
	sim_join(2, 1, 4, 4, 1)->until_ms = sim_now_ms + LONG_MS;
	sim_guests[2].row->calls = CALLS_NOT; /* it has forked: guest.c */
	sim_guests[2].row->busy = 0;
	for (int task = 0; task < 100; task++) {
		sim_guests[2].running = 1;
		pass(task % 10 ? 5 : 15);
		sim_guests[2].running = 0;
		ck_assert_int_eq(sim_guests[0].row->target + sim_guests[1].row->target, 4);
		pass(60);
	}
	sim_guests[2].running = 1;
	pass(250);
	ck_assert_int_eq(sim_guests[0].running + sim_guests[1].running, 3);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_pool_starts_with_calls_of_half_a_minute,
		a_newcomer_need_not_wait,
		each_has_what_it_may_use_of_its_job,
		a_steady_load_comes_to_rest,
		so_does_one_of_a_thousand,
		the_idle_lend_and_take_back,
		the_cores_of_the_killed_come_back_in_two_rounds,
		a_parent_is_no_worker,
	};

	return unit_run("simulate", tests, UNIT_COUNT(tests));
}
