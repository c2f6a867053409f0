/* SPDX-License-Identifier: MIT */
/* core/ledger.c and core/round.c: what a call in flight may use stays counted until it ends. */
#define _GNU_SOURCE
#include "core/cpus.h"
#include "tests/unit/seat.h"

#include <pthread.h>
#include <sched.h>

enum { ELSEWHERE = SEAT_SPACE + 1, CALLS_MADE = 20000 };

static struct row *row_of(int share, int flights)
{
	struct row *row = seat_take(getpid(), 6, share);

	row->flights = (uint16_t)flights;
	return row;
}

START_TEST(a_share_falls_only_where_nothing_flies)
{
	struct row *row;

	seat_begin(6);
	row = row_of(6, 0);
	ck_assert_int_eq(ledger_lower(row, 2, 0), 2);
	ck_assert_int_eq(ledger_lower(row, 4, 0), 2); /* it never rises by that */
	row->share = 6;
	row->flights = 1;
	ck_assert_int_eq(ledger_lower(row, 2, 0), 6);
	ck_assert_int_eq(ledger_lower(row, 2, 1), 2); /* of the one that lowers it */
	ck_assert_int_eq(row->flights, 1);
	row->share = 6;
	row->flights = 2;
	ck_assert_int_eq(ledger_lower(row, 2, 1), 6);
}
END_TEST

START_TEST(a_flight_lands_once)
{
	struct row *row;

	seat_begin(6);
	row = row_of(6, 2);
	ck_assert_int_eq(ledger_flights_in(ledger_land(row)), 2);
	ck_assert_int_eq(ledger_flights_in(ledger_land(row)), 1);
	ck_assert_int_eq(ledger_flights_in(ledger_land(row)), 0); /* and no more */
	ck_assert_int_eq(row->flights, 0);
	ck_assert_int_eq(row->share, 6);
}
END_TEST

START_TEST(more_calls_than_cores_count_as_they_are)
{
	struct row *row;

	seat_begin(6);
	row = row_of(2, 5);
	ck_assert_int_eq(ledger_taken(seat_ledger, NULL, 1).all, 5);
	row->flights = 1;
	ck_assert_int_eq(ledger_taken(seat_ledger, NULL, 1).all, 2);
}
END_TEST

/* Two guests wish for all of six; the first had it. */
START_TEST(a_round_takes_back_what_nothing_uses)
{
	pid_t first = unit_child(unit_spin, NULL), second = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = seat_take(first, 6, 6);
	seat_take(second, 6, 1);
	row->lands = 1;
	row->flights = 1;
	seat_await_work(first, 5);
	seat_await_work(second, 5);
	seat_lead(ROUND_MS);
	ck_assert_int_eq(row->target, 3);
	ck_assert_int_eq(row->share, 6);
	row->flights = 0;
	row->lands = 0; /* who knows what it does with it */
	seat_lead(ROUND_MS);
	ck_assert_int_eq(row->share, 6);
	row->lands = 1;
	seat_lead(ROUND_MS);
	ck_assert_int_eq(row->share, 3);
	unit_end(first);
	unit_end(second);
}
END_TEST

/* Stopped, or its thread was ended in mid-call: a second without CPU time. */
START_TEST(a_call_that_does_not_move_lends)
{
	pid_t guest = unit_idle_child();
	struct row *row;

	seat_begin(6);
	row = seat_take(guest, 6, 6);
	row->flights = 1;
	for (int ms = 100; ms < 1000; ms += 100) {
		seat_lead(100);
		ck_assert_msg(row->busy && row->share == 6, "lends after %d ms", ms);
	}
	seat_lead(100);
	ck_assert(!row->busy && !row->share);
	ck_assert_int_eq(row->flights, 1); /* it may go on, and land */
	unit_end(guest);
}
END_TEST

/* Nothing tells that it is inside a region: so no longer than the averages of its load. */
START_TEST(a_team_that_is_stopped_goes_on_with_what_it_had)
{
	pid_t guest = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = seat_take(guest, 6, 6);
	seat_await_work(guest, 5);
	kill(guest, SIGSTOP);
	while (ident_state(guest) != 'T')
		unit_sleep_ms(1);
	seat_lead(100);
	for (int ms = 100; ms < 1000; ms += 100) {
		seat_lead(100);
		ck_assert_msg(row->busy && row->share == 6, "lends after %d ms", ms);
	}
	seat_lead(100);
	ck_assert(!row->share); /* it may be stopped for days */
	unit_end(guest);
}
END_TEST

START_TEST(a_foreigner_in_a_call_is_heard_when_it_ends)
{
	struct row *row;

	seat_begin(6);
	row = row_of(6, 1);
	row->owner = (uint64_t)1 << IDENT_PID_BITS | 1;
	row->space = ELSEWHERE;
	seat_lead(59 * 1000);
	ck_assert(row->busy && row->share == 6);
	seat_lead(2 * 1000); /* or it was killed there */
	ck_assert(!row->busy && !row->share);
}
END_TEST

static atomic_bool over;

static void *lower(void *row)
{
	while (!over)
		ledger_lower(row, 1, 0);
	return NULL;
}

/* Whoever begins a call and still finds its share keeps it until the end. */
START_TEST(nobody_lowers_what_has_begun)
{
	pthread_t thread;
	struct row *row;

	seat_begin(6);
	row = row_of(6, 0);
	over = false;
	ck_assert_int_eq(pthread_create(&thread, NULL, lower, row), 0);
	for (int i = 0; i < CALLS_MADE; i++) {
		int share = ledger_share_in(atomic_fetch_add(&row->claim, LEDGER_FLIGHT));

		ck_assert_int_eq(row->share, share);
		sched_yield();
		ck_assert_int_eq(row->share, share);
		row->share = 6;
		ledger_land(row);
	}
	over = true;
	pthread_join(thread, NULL);
	ck_assert_int_eq(row->flights, 0);
}
END_TEST

/* 1030 children that only became other programs are alive, and will not call. */
START_TEST(who_sleeps_makes_room_in_a_full_ledger)
{
	pid_t child = unit_child(unit_wait, NULL);
	uint64_t alive = shm_ident(child);

	seat_begin(6);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		seat_ledger->rows[i].owner = alive;
		seat_ledger->rows[i].space = SEAT_SPACE;
		seat_ledger->rows[i].quiet_ms = 2000;
		seat_ledger->rows[i].busy = i != 700 && i != 701;
	}
	seat_ledger->rows[700].flights = 1; /* it is in a call, and stopped */
	ck_assert_ptr_eq(ledger_claim(seat_ledger, ident_self(), SEAT_SPACE),
			 &seat_ledger->rows[701]);
	ck_assert_ptr_null(ledger_claim_new(seat_ledger, alive + 1, ELSEWHERE));
	unit_end(child);
}
END_TEST

static void *bind_itself(void *within)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
	*(int *)within = cpus_allowed();
	return NULL;
}

START_TEST(a_thread_that_binds_itself_speaks_for_itself)
{
	int before = cpus_allowed(), within = 0;
	pthread_t thread;

	ck_assert_int_ge(before, 2);
	ck_assert_int_eq(pthread_create(&thread, NULL, bind_itself, &within), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(within, before);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_share_falls_only_where_nothing_flies,
		a_flight_lands_once,
		more_calls_than_cores_count_as_they_are,
		a_round_takes_back_what_nothing_uses,
		a_call_that_does_not_move_lends,
		a_team_that_is_stopped_goes_on_with_what_it_had,
		a_foreigner_in_a_call_is_heard_when_it_ends,
		nobody_lowers_what_has_begun,
		who_sleeps_makes_room_in_a_full_ledger,
		a_thread_that_binds_itself_speaks_for_itself,
	};

	return shm_run("flight", tests, UNIT_COUNT(tests));
}
