/* SPDX-License-Identifier: MIT */
/*
 * core/round.c over real processes. Their CPU clocks are real, the time between two
 * rounds is told: a busy machine makes a test slower, not wrong.
 */
#define _GNU_SOURCE
#include "tests/unit/seat.h"

enum { GUESTS = 8 };

static void await_zombie(pid_t pid)
{
	siginfo_t info;

	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

/* Gates look at nothing but this number. */
START_TEST(whatever_may_change_a_share_counts_as_a_generation)
{
	uint64_t before;

	seat_begin(6);
	before = seat_ledger->generation;
	round_hasten(seat_ledger);
	ck_assert_uint_gt(seat_ledger->generation, before);
	before = seat_ledger->generation;
	ck_assert(round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
	ck_assert_uint_gt(seat_ledger->generation, before);
	before = seat_ledger->generation;
	ck_assert(!round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
	ck_assert_uint_eq(seat_ledger->generation, before);
}
END_TEST

START_TEST(the_busy_share_the_idle_lend)
{
	pid_t spinning[2], waiting[2];
	struct row *busy[2], *idle[2];

	seat_begin(6);
	for (int i = 0; i < 2; i++) {
		busy[i] = seat_take(spinning[i] = unit_child(unit_spin, NULL), 6, 1);
		idle[i] = seat_take(waiting[i] = unit_idle_child(), 6, 2);
	}
	for (int ms = ROUND_MS; ms <= 2 * BUDGET_IDLE_MS; ms += ROUND_MS) {
		for (int i = 0; i < 2; i++)
			seat_await_work(spinning[i], 3);
		seat_lead(ROUND_MS);
		for (int i = 0; i < 2; i++) {
			bool lent = ms >= BUDGET_IDLE_MS;

			ck_assert(busy[i]->busy && busy[i]->calls == CALLS && busy[i]->share == 1);
			ck_assert_int_eq(idle[i]->busy, !lent);
			ck_assert_int_eq(idle[i]->calls, lent ? CALLS_NOT : CALLS);
			ck_assert_int_eq(idle[i]->share, lent ? 0 : 2);
			ck_assert(lent ? busy[i]->target == 3 : busy[i]->target < 3);
			ck_assert(lent ? !idle[i]->target : idle[i]->target > 0);
		}
		ck_assert_int_eq(
			busy[0]->target + busy[1]->target + idle[0]->target + idle[1]->target, 6);
	}
	idle[0]->passed = 1; /* it comes to a gate */
	seat_lead(1);
	ck_assert(idle[0]->busy && idle[0]->calls == CALLS && !idle[0]->passed);
	ck_assert_int_eq(busy[0]->target + busy[1]->target + idle[0]->target, 6);
	ck_assert_int_eq(idle[0]->target, 2);
	for (int i = 0; i < 2; i++) {
		unit_end(spinning[i]);
		unit_end(waiting[i]);
	}
}
END_TEST

START_TEST(pools_are_divided)
{
	static const int pools[][GUESTS] = {
		{ 6 },
		{ 3, 3 },
		{ 2, 2, 2 },
		{ 2, 2, 1, 1 },
		{ 1, 1, 1, 1, 1, 1 },
		{ 1, 1, 1, 1, 1, 1, 1, 1 },
	};
	static const int counts[] = { 1, 2, 3, 4, 6, 8 };
	pid_t guests[GUESTS];
	int got[7] = { 0 };

	for (int i = 0; i < GUESTS; i++)
		guests[i] = unit_idle_child();
	for (size_t pool = 0; pool < UNIT_COUNT(counts); pool++) {
		seat_begin(6);
		for (int i = 0; i < 7; i++)
			got[i] = 0;
		for (int i = 0; i < counts[pool]; i++)
			seat_take(guests[i], 6, 0);
		seat_lead(1);
		for (int i = 0; i < LEDGER_ROWS; i++)
			if (seat_ledger->rows[i].owner)
				got[seat_ledger->rows[i].target]++;
		for (int i = 0; i < counts[pool]; i++)
			got[pools[pool][i]]--;
		for (int i = 0; i < 7; i++)
			ck_assert_msg(got[i] == 0, "pool of %d: %d too many with %d", counts[pool],
				      got[i], i);
		ck_assert_int_eq(shmdt(seat_ledger), 0);
	}
	for (int i = 0; i < GUESTS; i++)
		unit_end(guests[i]);
}
END_TEST

START_TEST(no_budget_is_one_core_and_none_is_too_large)
{
	pid_t guest = unit_idle_child();
	struct row *row;

	seat_begin(0);
	row = seat_take(guest, 65535, 0);
	row->job_cores = 65535;
	seat_lead(1);
	ck_assert_int_eq(row->target, 1);
	seat_ledger->budget = UINT32_MAX;
	seat_lead(1);
	ck_assert_int_eq(row->target, BUDGET_MAX);
	unit_end(guest);
}
END_TEST

START_TEST(the_killed_are_gone_with_the_next_round)
{
	pid_t guests[GUESTS];
	struct row *rows[GUESTS];

	seat_begin(8);
	for (int i = 0; i < GUESTS; i++)
		rows[i] = seat_take(guests[i] = unit_idle_child(), 8, 1);
	seat_lead(1);
	ck_assert_int_eq(rows[0]->target, 1);
	for (int i = 1; i < GUESTS; i++)
		unit_end(guests[i]);
	seat_lead(1);
	for (int i = 1; i < GUESTS; i++)
		ck_assert_uint_eq(rows[i]->owner, 0);
	ck_assert_int_eq(rows[0]->target, 8);
	unit_end(guests[0]);
}
END_TEST

/* Killed, and nobody waits for them: they answer as the living do, but compute no more. */
START_TEST(the_undead_hold_nothing_and_go)
{
	pid_t guests[GUESTS];
	struct row *rows[GUESTS];

	seat_begin(8);
	for (int i = 0; i < GUESTS; i++)
		rows[i] = seat_take(guests[i] = unit_idle_child(), 8, 1);
	for (int i = 1; i < GUESTS; i++) {
		kill(guests[i], SIGKILL);
		await_zombie(guests[i]);
	}
	seat_lead(1); /* until they were killed they had computed */
	seat_lead(1);
	for (int i = 1; i < GUESTS; i++)
		ck_assert_uint_eq(rows[i]->owner, 0);
	ck_assert_int_eq(ident_pid(rows[0]->owner), guests[0]);
	ck_assert_int_eq(rows[0]->target, 8);
	for (int i = 0; i < GUESTS; i++)
		unit_end(guests[i]);
}
END_TEST

/* Those that hold nothing are no hurry: one owner is doubted every fourth round. */
START_TEST(the_idle_undead_go_in_time)
{
	pid_t guests[GUESTS];

	seat_begin(8);
	seat_ledger->next_doubt = UINT32_MAX; /* garbage */
	for (int i = 0; i < GUESTS; i++) {
		struct row *row = seat_take(guests[i] = unit_idle_child(), 8, 0);

		row->calls = CALLS_NOT;
		row->busy = 0;
		kill(guests[i], SIGKILL);
		await_zombie(guests[i]);
	}
	for (int i = 0; i < 4 * GUESTS; i++)
		seat_lead(ROUND_MS);
	ck_assert_int_eq(shm_owned(seat_ledger), 0);
	for (int i = 0; i < GUESTS; i++)
		unit_end(guests[i]);
}
END_TEST

/* A later process has the pid: its clock stands behind what the first one had used. */
START_TEST(who_has_the_pid_of_a_guest_is_not_the_guest)
{
	pid_t guest = unit_idle_child();
	struct row *row, *other;

	seat_begin(6);
	other = seat_take(getpid(), 6, 3);
	row = seat_take(guest, 6, 3);
	row->owner = shm_ident(guest) - ((uint64_t)60000 << IDENT_PID_BITS);
	row->cpu_ns = 5000000000;
	seat_ledger->next_doubt = (uint32_t)(other - seat_ledger->rows); /* doubted is the other */
	seat_lead(1);
	ck_assert_uint_eq(row->owner, 0);
	ck_assert_uint_ne(other->owner, 0);
	unit_end(guest);
}
END_TEST

/* It passes no gate, but computes: one core, and no more than one. */
START_TEST(who_only_computes_is_given_one)
{
	pid_t spinning = unit_child(unit_spin, NULL), calling = unit_idle_child();
	struct row *computing, *caller;

	seat_begin(6);
	computing = seat_take(spinning, 6, 0);
	computing->calls = CALLS_NOT;
	computing->busy = 0;
	caller = seat_take(calling, 6, 6);
	seat_lead(1);
	ck_assert(!computing->busy);
	ck_assert_int_eq(caller->target, 6);
	for (int round = 0; round < 8; round++) {
		seat_await_work(spinning, ROUND_MS);
		caller->passed = 1;
		seat_lead(ROUND_MS);
	}
	ck_assert(computing->busy && computing->calls == CALLS_NOT);
	ck_assert_int_eq(computing->target, 1);
	ck_assert_int_eq(caller->target, 5);
	unit_end(spinning);
	unit_end(calling);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		whatever_may_change_a_share_counts_as_a_generation,
		the_busy_share_the_idle_lend,
		pools_are_divided,
		no_budget_is_one_core_and_none_is_too_large,
		the_killed_are_gone_with_the_next_round,
		the_undead_hold_nothing_and_go,
		the_idle_undead_go_in_time,
		who_has_the_pid_of_a_guest_is_not_the_guest,
		who_only_computes_is_given_one,
	};

	return shm_run("round", tests, UNIT_COUNT(tests));
}
