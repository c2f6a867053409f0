/* SPDX-License-Identifier: MIT */
/* core/family.c, and what it asks of core/ident.c: children of this test, young and old. */
#define _GNU_SOURCE
#include "core/family.h"

#include "tests/unit/seat.h"

static int pending(void)
{
	return family_pending(seat_ledger, SEAT_SPACE, getpid());
}

/* Forking and dying take their time; then the number stands. */
static void expect_pending(int wanted)
{
	for (int i = 0; i < 1000 && pending() != wanted; i++)
		unit_sleep_ms(1);
	ck_assert_int_eq(pending(), wanted);
}

START_TEST(who_is_busy_and_not_here_yet_is_expected)
{
	pid_t spinning[3];
	struct row *row;

	seat_begin(6);
	ck_assert_int_eq(pending(), 0);
	for (int i = 0; i < 3; i++)
		spinning[i] = unit_child(unit_spin, NULL);
	expect_pending(3);
	row = seat_take(spinning[1], 6, 1);
	ck_assert_int_eq(pending(), 2);
	row->space = SEAT_SPACE + 1; /* that is another process with this number */
	ck_assert_int_eq(pending(), 3);
	row->space = SEAT_SPACE;
	unit_end(spinning[0]);
	ck_assert_int_eq(pending(), 1);
	unit_end(spinning[2]);
	unit_end(spinning[1]);
	ck_assert_int_eq(pending(), 0);
}
END_TEST

START_TEST(who_waits_or_is_dead_is_not)
{
	pid_t waiting = unit_child(unit_wait, NULL), dead = unit_child(unit_spin, NULL);

	seat_begin(6);
	expect_pending(1);
	kill(dead, SIGKILL);
	expect_pending(0); /* a zombie */
	unit_end(dead);
	unit_end(waiting);
}
END_TEST

START_TEST(who_has_been_here_for_long_is_not)
{
	pid_t spinning = unit_child(unit_spin, NULL);

	seat_begin(6);
	expect_pending(1);
	ck_assert(ident_is_young(spinning, FAMILY_YOUNG_MS, true));
	ck_assert(ident_is_young(spinning, FAMILY_YOUNG_MS, false));
	unit_sleep_ms(FAMILY_YOUNG_MS + 20);
	ck_assert_int_eq(pending(), 0);
	ck_assert(!ident_is_young(spinning, FAMILY_YOUNG_MS, false));
	ck_assert(ident_is_young(spinning, 100 * FAMILY_YOUNG_MS, false));
	unit_end(spinning);
	ck_assert(!ident_is_young(spinning, 100 * FAMILY_YOUNG_MS, false));
}
END_TEST

static void have_grandchildren(void *unused)
{
	unit_child(unit_spin, NULL);
	unit_wait(unused);
}

START_TEST(only_children_count_and_only_of_that_parent)
{
	pid_t parent = unit_child(have_grandchildren, NULL);

	seat_begin(6);
	for (int i = 0; i < 1000 && !family_pending(seat_ledger, SEAT_SPACE, parent); i++)
		unit_sleep_ms(1);
	ck_assert_int_eq(family_pending(seat_ledger, SEAT_SPACE, parent), 1);
	expect_pending(0);
	unit_end(parent);
	ck_assert_int_eq(family_pending(seat_ledger, SEAT_SPACE, parent), 0);
	ck_assert_int_eq(family_pending(seat_ledger, SEAT_SPACE, 0), 0);
}
END_TEST

/* The list is cut where it is longer than we read: no pid cut in two counts as another. */
START_TEST(a_long_list_is_no_trouble)
{
	enum { CHILDREN = 400 };
	pid_t children[CHILDREN];

	seat_begin(6);
	for (int i = 0; i < CHILDREN; i++)
		children[i] = unit_child(unit_wait, NULL);
	expect_pending(0);
	for (int i = 0; i < CHILDREN; i++)
		unit_end(children[i]);
}
END_TEST

START_TEST(busy_is_who_runs_or_would_if_it_had_a_cpu)
{
	pid_t spinning = unit_child(unit_spin, NULL), waiting = unit_child(unit_wait, NULL);

	for (int i = 0; i < 1000 && ident_is_busy(waiting); i++)
		unit_sleep_ms(1);
	ck_assert(!ident_is_busy(waiting));
	ck_assert(ident_is_busy(spinning));
	unit_end(spinning);
	ck_assert(!ident_is_busy(spinning));
	unit_end(waiting);
}
END_TEST

START_TEST(a_path_is_put_together)
{
	char text[64];

	ck_assert_str_eq(ident_children_path(text, sizeof text, 1), "/proc/1/task/1/children");
	ck_assert_str_eq(ident_children_path(text, sizeof text, 4194303),
			 "/proc/4194303/task/4194303/children");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		who_is_busy_and_not_here_yet_is_expected,
		who_waits_or_is_dead_is_not,
		who_has_been_here_for_long_is_not,
		only_children_count_and_only_of_that_parent,
		a_long_list_is_no_trouble,
		busy_is_who_runs_or_would_if_it_had_a_cpu,
		a_path_is_put_together,
	};

	return shm_run("family", tests, UNIT_COUNT(tests));
}
