/* SPDX-License-Identifier: MIT */
/* shim/settle.c: for whom the first to come waits, and for whom not. */
#define _GNU_SOURCE
#include "shim/settle.c"

#include "tests/unit/home.h"

enum { PARENT = 7, AGE_MS = 100 };

/* Another of our parent's children, that came so long ago. */
static struct row *sibling_of(struct row *mine, pid_t pid, int share, int age)
{
	struct row *row = seat_take(pid, 6, share);

	mine->parent = row->parent = PARENT;
	row->arrived_ms = (uint32_t)seat_now_ms - (uint32_t)age;
	return row;
}

static struct row *alone(int budget, int share)
{
	struct row *row = home_begin(budget, share);

	row->arrived_ms = (uint32_t)seat_now_ms - AGE_MS;
	return row;
}

START_TEST(the_last_to_come_is_one_of_the_parents_children)
{
	pid_t pid = unit_idle_child();
	struct row *mine = alone(6, 1), *other;
	bool is_alone;

	ck_assert_int_eq(newest_ms(mine, seat_now_ms, &is_alone), AGE_MS);
	ck_assert(is_alone);
	other = sibling_of(mine, pid, 1, 30);
	ck_assert_int_eq(newest_ms(mine, seat_now_ms, &is_alone), 30);
	ck_assert(!is_alone);
	other->parent = PARENT + 1;
	ck_assert_int_eq(newest_ms(mine, seat_now_ms, &is_alone), AGE_MS);
	ck_assert(is_alone);
	other->parent = PARENT;
	other->space = SEAT_SPACE + 1; /* where pids are others */
	ck_assert_int_eq(newest_ms(mine, seat_now_ms, &is_alone), AGE_MS);
	other->space = SEAT_SPACE;
	other->arrived_ms = (uint32_t)seat_now_ms + 5; /* by a clock that is read later */
	ck_assert_int_eq(newest_ms(mine, seat_now_ms, &is_alone), 0);
	unit_end(pid);
}
END_TEST

START_TEST(there_is_room_for_what_others_have_not_taken)
{
	pid_t pid = unit_idle_child();
	struct row *mine = alone(6, 1), *other = sibling_of(mine, pid, 4, 0);

	ck_assert(fits(mine, 2));
	ck_assert(!fits(mine, 3));
	other->busy = 0;
	ck_assert(fits(mine, 6));
	other->busy = 1;
	seat_ledger->budget = 1; /* one for each, whatever the budget is */
	other->share = 1;
	ck_assert(fits(mine, 1));
	ck_assert(!fits(mine, 2));
	unit_end(pid);
}
END_TEST

START_TEST(as_many_as_cores_wait_for_nobody)
{
	pid_t pid = unit_idle_child(), dead = unit_idle_child();
	struct row *mine = alone(2, 1), *other = sibling_of(mine, pid, 1, 0);

	home_cores = 2;
	ck_assert(one_each(mine));
	other->busy = 0;
	ck_assert(!one_each(mine));
	other->busy = 1;
	other->share = 2; /* it has begun with more: there is none left */
	ck_assert(!one_each(mine));
	other->share = 1;
	home_cores = 6; /* and the budget is 6: two are not as many */
	seat_ledger->budget = 6;
	ck_assert(!one_each(mine));
	seat_ledger->budget = 2; /* of several commands */
	ck_assert(one_each(mine));
	other->owner = shm_ident(dead);
	unit_end(dead);
	ck_assert(!one_each(mine));
	home_cores = 6;
	unit_end(pid);
}
END_TEST

START_TEST(a_parent_that_sleeps_forks_no_more)
{
	pid_t idle = unit_idle_child(), spins = unit_child(unit_spin, NULL);

	seat_await_work(spins, FORK_CPU_MS + 10);
	ck_assert(!may_fork(idle, seat_cpu_of(idle)));
	ck_assert(!may_fork(spins, 0)); /* it was never asked about */
	while (!ident_is_busy(spins))
		unit_sleep_ms(1);
	ck_assert(may_fork(spins, seat_cpu_of(spins)));
	/* It has computed for longer than two forks need between them. */
	ck_assert(!may_fork(spins, seat_cpu_of(spins) - (FORK_CPU_MS + 1) * 1000000ul));
	unit_end(idle);
	unit_end(spins);
}
END_TEST

START_TEST(who_has_more_than_is_its_lets_go_at_its_next_gate)
{
	struct row *row = alone(6, 6);

	row->target = 3;
	row->gate_ms = (uint16_t)(seat_now_ms - LET_GO_MS + 1);
	ck_assert(lets_go(row, seat_now_ms));
	row->gate_ms = (uint16_t)(seat_now_ms - LET_GO_MS); /* its call is a long one */
	ck_assert(!lets_go(row, seat_now_ms));
	row->gate_ms = (uint16_t)seat_now_ms;
	row->target = 6;
	ck_assert(!lets_go(row, seat_now_ms));
	row->target = 0;
	row->share = 1; /* that one it keeps */
	ck_assert(!lets_go(row, seat_now_ms));
	row->share = 2;
	ck_assert(lets_go(row, seat_now_ms));
	row->busy = 0;
	ck_assert(!lets_go(row, seat_now_ms));
	row->busy = 1;
	row->owner = 0;
	ck_assert(!lets_go(row, seat_now_ms));
}
END_TEST

START_TEST(room_is_waited_for_only_if_somebody_makes_it)
{
	pid_t pid = unit_idle_child();
	struct row *mine = alone(6, 1), *other = sibling_of(mine, pid, 6, 0);

	mine->target = 3;
	other->target = 3;
	other->gate_ms = (uint16_t)seat_now_ms;
	ck_assert(makes_room(mine, seat_now_ms));
	other->target = 6;
	ck_assert(!makes_room(mine, seat_now_ms));
	other->target = 3;
	other->share = 3;
	ck_assert(!makes_room(mine, seat_now_ms)); /* it has */
	other->target = 2;
	ck_assert(!makes_room(mine, seat_now_ms)); /* that is for others */
	mine->target = 0;
	other->share = 6;
	ck_assert(!fits(mine, 1) && makes_room(mine, seat_now_ms)); /* for one, at least */
	unit_end(pid);
}
END_TEST

/* What we have above our own target makes no room for us. */
START_TEST(nobody_waits_for_itself)
{
	pid_t pid = unit_idle_child();
	struct row *mine = alone(6, 6), *other = sibling_of(mine, pid, 6, 0);

	mine->target = 3;
	mine->gate_ms = (uint16_t)seat_now_ms;
	other->target = 6;
	ck_assert(!makes_room(mine, seat_now_ms));
	unit_end(pid);
}
END_TEST

START_TEST(who_is_alone_waits_for_a_round)
{
	struct row *row = home_begin(6, 1);

	row->arrived_ms = (uint32_t)ident_now_ms();
	row->passed = 1;
	seat_ledger->next_round_ms = ident_now_ms() + ROUND_MS / 2;
	guest_settle(&home, row, true);
	ck_assert_uint_gt(seat_ledger->rounds, 0);
	ck_assert_int_eq(row->target, 6);
}
END_TEST

/* While a sibling has only just come, nobody begins; but no longer than a program bears. */
START_TEST(the_first_waits_until_nobody_comes_any_more)
{
	pid_t pid = unit_idle_child();
	struct row *mine = home_begin(6, 1), *other = sibling_of(mine, pid, 1, 0);
	uint64_t arrived_ms = ident_now_ms();

	mine->arrived_ms = other->arrived_ms = (uint32_t)arrived_ms;
	mine->passed = other->passed = 1;
	guest_settle(&home, mine, true);
	ck_assert_uint_ge(ident_now_ms(), arrived_ms + QUIET_START_MS);
	ck_assert_uint_gt(seat_ledger->round_ms, arrived_ms);
	ck_assert_int_eq(mine->target, 3);
	unit_end(pid);
}
END_TEST

START_TEST(one_thread_leads_at_a_time)
{
	home_begin(6, 1);
	home.leading = 1; /* another one, that the clock has not let finish */
	ck_assert(!guest_lead(&home, ident_now_ms()));
	ck_assert_uint_eq(seat_ledger->rounds, 0);
	home.leading = 0;
	ck_assert(guest_lead(&home, ident_now_ms()));
	ck_assert(!guest_lead(&home, seat_ledger->round_ms)); /* it is not due */
	ck_assert_uint_eq(seat_ledger->rounds, 1);
	ck_assert_int_eq(home.leading, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		the_last_to_come_is_one_of_the_parents_children,
		there_is_room_for_what_others_have_not_taken,
		as_many_as_cores_wait_for_nobody,
		a_parent_that_sleeps_forks_no_more,
		who_has_more_than_is_its_lets_go_at_its_next_gate,
		room_is_waited_for_only_if_somebody_makes_it,
		nobody_waits_for_itself,
		who_is_alone_waits_for_a_round,
		the_first_waits_until_nobody_comes_any_more,
		one_thread_leads_at_a_time,
	};

	return shm_run("settle", tests, UNIT_COUNT(tests));
}
