/* SPDX-License-Identifier: MIT */
/* shim/flight.c: what calls in flight may use stays counted, and no more than that. */
#define _GNU_SOURCE
#include "shim/flight.c"

#include "tests/unit/home.h"

/* No thread has that number (proc(5): pid_max). */
enum { GONE = 1 << 22, FRAME = 4096 };

/* A call of another thread, that began with so many. */
static struct berth *other_flies(int index, int share)
{
	struct berth *berth = &home.berths[index];

	berth->thread = (uint32_t)getpid();
	berth->flies = BERTH_FLIES;
	berth->share = share;
	home.row->flights++;
	return berth;
}

START_TEST(what_nothing_uses_is_paid_back)
{
	struct row *row = home_begin(6, 6);

	guest_pay_back(&home, row, 3);
	ck_assert_int_eq(row->share, 3);
	ck_assert_int_eq(row->flights, 0);
	ck_assert_int_eq(home.share, 3); /* for calls that begin */
}
END_TEST

START_TEST(what_a_call_has_begun_with_stays)
{
	struct row *row = home_begin(6, 6);

	home.reaped_ms = (uint32_t)ident_coarse_ms();
	other_flies(0, 6);
	guest_pay_back(&home, row, 3);
	ck_assert_int_eq(row->share, 6);
	ck_assert_int_eq(row->flights, 1);
	ck_assert_int_eq(home.share, 3);
}
END_TEST

START_TEST(of_several_calls_the_largest_counts)
{
	struct row *row = home_begin(6, 6);

	home.reaped_ms = (uint32_t)ident_coarse_ms();
	other_flies(0, 2);
	other_flies(5, 4);
	other_flies(GUEST_BERTHS - 1, 3);
	guest_pay_back(&home, row, 1);
	ck_assert_int_eq(row->share, 4);
	ck_assert_int_eq(row->flights, 3);
}
END_TEST

START_TEST(the_new_share_counts_though_calls_have_less)
{
	struct row *row = home_begin(6, 6);

	home.reaped_ms = (uint32_t)ident_coarse_ms();
	other_flies(0, 2);
	guest_pay_back(&home, row, 5);
	ck_assert_int_eq(row->share, 5);
}
END_TEST

START_TEST(a_call_that_has_landed_counts_no_more)
{
	struct row *row = home_begin(6, 6);

	home.reaped_ms = (uint32_t)ident_coarse_ms();
	home.berths[0].thread = (uint32_t)getpid();
	home.berths[0].share = 6;
	other_flies(1, 2);
	guest_pay_back(&home, row, 1);
	ck_assert_int_eq(row->share, 2);
}
END_TEST

/* More threads call than there are berths. */
START_TEST(one_without_a_berth_keeps_all)
{
	struct row *row = home_begin(6, 6);

	home.reaped_ms = (uint32_t)ident_coarse_ms();
	other_flies(0, 2);
	row->flights++;
	guest_pay_back(&home, row, 1);
	ck_assert_int_eq(row->share, 6);
	ck_assert_int_eq(row->flights, 2);
}
END_TEST

START_TEST(paying_back_never_takes)
{
	struct row *row = home_begin(6, 2);

	guest_pay_back(&home, row, 5);
	ck_assert_int_eq(row->share, 2);
}
END_TEST

START_TEST(who_has_ended_in_a_call_holds_nothing)
{
	struct row *row = home_begin(6, 6);

	other_flies(0, 6)->thread = GONE;
	other_flies(1, 2);
	guest_pay_back(&home, row, 1);
	ck_assert_int_eq(row->flights, 1);
	ck_assert_int_eq(row->share, 2);
	ck_assert_int_eq(home.berths[0].flies, BERTH_FREE);
	other_flies(0, 2)->thread = GONE;
	guest_pay_back(&home, row, 1); /* it was looked a moment ago */
	ck_assert_int_eq(row->flights, 2);
	home.reaped_ms = home.reaped_ms - REAP_MS;
	guest_pay_back(&home, row, 1);
	ck_assert_int_eq(row->flights, 1);
}
END_TEST

/* Its own call is at a gate, between two functions that choose a number. */
START_TEST(who_asks_for_itself_looks_for_nobody)
{
	struct row *row = home_begin(6, 6);

	guest_fly(FRAME, BERTH_FLIES);
	ck_assert_int_eq(row->flights, 1);
	guest_pay_back(&home, row, 3);
	ck_assert_int_eq(row->share, 3);
	ck_assert_int_eq(row->flights, 1);
	ck_assert_int_eq((int)home.reaped_ms, 0);
}
END_TEST

START_TEST(the_last_to_land_pays_what_is_above_the_target)
{
	struct row *row = home_begin(6, 6);

	row->target = 2;
	guest_fly(FRAME, BERTH_FLIES);
	row->flights++; /* and one of another thread */
	home.share = 4;
	home.berths[0].share = 4;
	other_flies(1, 5);
	row->flights--;
	guest_land();
	ck_assert_int_eq(row->flights, 1);
	ck_assert_int_eq(row->share, 5);
	atomic_store(&home.berths[1].flies, BERTH_FREE);
	row->flights = 0;
	guest_fly(FRAME, BERTH_FLIES);
	guest_land();
	ck_assert_int_eq(row->flights, 0);
	ck_assert_int_eq(row->share, 2);
}
END_TEST

START_TEST(a_call_that_was_jumped_out_of_lands_when_the_next_begins)
{
	struct row *row = home_begin(6, 6);

	guest_fly(FRAME, BERTH_FLIES);
	guest_fly(2 * FRAME, BERTH_FLIES);
	ck_assert_int_eq(row->flights, 1);
	guest_land();
	guest_land(); /* once */
	ck_assert_int_eq(row->flights, 0);
}
END_TEST

START_TEST(a_berth_of_a_thread_that_ended_is_taken)
{
	home_begin(6, 6);
	for (int i = 0; i < GUEST_BERTHS; i++)
		home.berths[i].thread = (uint32_t)getpid();
	home.berths[7].thread = GONE;
	home.berths[3].thread = GONE;
	home.berths[3].flies = BERTH_FLIES; /* it is counted: to be reaped first */
	guest_fly(FRAME, BERTH_FLIES);
	ck_assert_ptr_eq(guest_thread.berth, &home.berths[7]);
	guest_land();
}
END_TEST

START_TEST(a_crowd_is_remembered_for_a_while)
{
	struct row *row = home_begin(6, 6);

	home.crowd_ms = (uint32_t)ident_coarse_ms();
	row->flights = 4;
	ck_assert_int_eq(guest_crowd(&home, row), 4);
	row->flights = 1;
	for (int i = 0; i < 3; i++) {
		home.crowd_ms = (uint32_t)ident_coarse_ms();
		ck_assert_int_eq(guest_crowd(&home, row), 4);
	}
	home.crowd_ms -= CROWD_MS;
	guest_crowd(&home, row);
	home.crowd_ms -= CROWD_MS;
	ck_assert_int_eq(guest_crowd(&home, row), 1);
}
END_TEST

START_TEST(those_that_wait_for_this_one_are_counted)
{
	home_begin(6, 6);
	ck_assert_int_eq(guest_waiting(&home), 0);
	other_flies(1, 6)->flies = BERTH_WAITS;
	other_flies(2, 6)->flies = BERTH_WAITS;
	other_flies(3, 6);
	ck_assert_int_eq(guest_waiting(&home), 0); /* it is in no call */
	guest_fly(FRAME, BERTH_FLIES);
	ck_assert_int_eq(guest_waiting(&home), 0); /* nor in one that others wait for */
	guest_thread.berth->flies = BERTH_WAITS;
	ck_assert_int_eq(guest_waiting(&home), 2);
	guest_land();
}
END_TEST

/* Products go by one number with whatever else is under way. */
START_TEST(what_waits_for_no_other_is_seen_for_a_while)
{
	struct berth *berth;

	home_begin(6, 6);
	home.flew_ms = (uint32_t)ident_coarse_ms() - CROWD_MS;
	other_flies(1, 6)->flies = BERTH_WAITS;
	other_flies(2, 6)->flies = BERTH_ALONE;
	ck_assert(!guest_mingles(&home));
	berth = other_flies(GUEST_BERTHS - 1, 6);
	ck_assert(guest_mingles(&home));
	berth->flies = BERTH_FREE;
	home.flew_ms = (uint32_t)ident_coarse_ms(); /* this test may have stood still */
	ck_assert(guest_mingles(&home));
	home.flew_ms -= CROWD_MS;
	ck_assert(!guest_mingles(&home));
	guest_fly(FRAME, BERTH_WAITS);
	ck_assert(!guest_mingles(&home));
	guest_fly(FRAME, BERTH_FLIES);
	ck_assert(guest_mingles(&home));
	guest_land();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		what_nothing_uses_is_paid_back,
		what_a_call_has_begun_with_stays,
		of_several_calls_the_largest_counts,
		the_new_share_counts_though_calls_have_less,
		a_call_that_has_landed_counts_no_more,
		one_without_a_berth_keeps_all,
		paying_back_never_takes,
		who_has_ended_in_a_call_holds_nothing,
		who_asks_for_itself_looks_for_nobody,
		the_last_to_land_pays_what_is_above_the_target,
		a_call_that_was_jumped_out_of_lands_when_the_next_begins,
		a_berth_of_a_thread_that_ended_is_taken,
		a_crowd_is_remembered_for_a_while,
		those_that_wait_for_this_one_are_counted,
		what_waits_for_no_other_is_seen_for_a_while,
	};

	return shm_run("berths", tests, UNIT_COUNT(tests));
}
