/* SPDX-License-Identifier: MIT */
/*
 * core/round.c: who has hardly any CPU time since others have the CPUs is not idle. These compute
 * all the while, and the rounds are told that much more time went by than they had.
 */
#define _GNU_SOURCE
#include "tests/unit/seat.h"

enum { LONG_MS = 1000 };

/* A forked child that has joined, and not yet called. */
static struct row *presumed(pid_t pid)
{
	struct row *row = seat_take(pid, 6, 0);

	row->calls = CALLS_PRESUMED;
	row->target = 2;
	return row;
}

START_TEST(a_child_that_was_crowded_out_keeps_its_part)
{
	pid_t pid = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = presumed(pid);
	for (int round = 0; round < 10 && seat_cpu_of(pid) < BUDGET_IDLE_MS * 500000ul; round++) {
		seat_lead(LONG_MS);
		ck_assert_int_eq(row->calls, CALLS_PRESUMED);
		ck_assert(row->busy && row->target == 6);
	}
	unit_end(pid);
}
END_TEST

START_TEST(a_child_that_computes_for_longer_has_one)
{
	pid_t pid = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = presumed(pid);
	seat_await_work(pid, BUDGET_IDLE_MS);
	row->cpu_ns = seat_cpu_of(pid);
	for (int round = 0; round < 10; round++) {
		seat_lead(LONG_MS);
		ck_assert_int_eq(row->calls, CALLS_NOT);
		ck_assert(row->busy && row->target == 1);
	}
	unit_end(pid);
}
END_TEST

START_TEST(a_child_that_sleeps_lends)
{
	pid_t pid = unit_idle_child();
	struct row *row;

	seat_begin(6);
	row = presumed(pid);
	seat_lead(BUDGET_IDLE_MS);
	ck_assert_int_eq(row->calls, CALLS_NOT);
	ck_assert(!row->busy && !row->target);
	unit_end(pid);
}
END_TEST

/* It calls nothing any more, and had a core for what it does. */
START_TEST(who_computes_and_is_crowded_out_keeps_its_core)
{
	pid_t pid = unit_child(unit_spin, NULL), other = unit_child(unit_spin, NULL);
	struct row *row, *caller;

	seat_begin(6);
	row = seat_take(pid, 6, 0);
	row->calls = CALLS_NOT;
	row->load_pct = 100;
	caller = seat_take(other, 6, 1);
	for (int round = 0; round < 10; round++) {
		caller->passed = 1;
		seat_lead(LONG_MS);
		ck_assert(row->busy && row->calls == CALLS_NOT);
		ck_assert_int_eq(row->target, 1);
		ck_assert_int_eq(caller->target, 5);
	}
	kill(pid, SIGSTOP); /* for longer than a second */
	while (ident_state(pid) != 'T')
		unit_sleep_ms(1);
	for (int round = 0; round < 3; round++)
		seat_lead(LONG_MS);
	ck_assert(!row->busy);
	unit_end(pid);
	unit_end(other);
}
END_TEST

/* One that was idle becomes busy by what it uses, not by being seen at work once. */
START_TEST(who_was_idle_is_not_looked_up)
{
	pid_t pid = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = seat_take(pid, 6, 0);
	row->calls = CALLS_NOT;
	row->busy = 0;
	seat_lead(LONG_MS);
	ck_assert(!row->busy);
	unit_end(pid);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_child_that_was_crowded_out_keeps_its_part,
		a_child_that_computes_for_longer_has_one,
		a_child_that_sleeps_lends,
		who_computes_and_is_crowded_out_keeps_its_core,
		who_was_idle_is_not_looked_up,
	};

	return shm_run("crowded", tests, UNIT_COUNT(tests));
}
