/* SPDX-License-Identifier: MIT */
/*
 * Which threads divide a share. Their CPU clocks are real, the time between two gates is
 * told: so a busy machine makes a test slower, not wrong.
 */
#include "core/callers.h"

#include "tests/unit/unit.h"

#include <pthread.h>
#include <sys/syscall.h>

enum { START_MS = 5000, AWAY_MS = CALLERS_NEAR_MS + 1 };

static struct callers_seat callers[CALLERS_SEATS];

struct crew {
	pthread_t thread;
	_Atomic uint32_t tid;
	atomic_bool rests, ends;
};

static void *crew_work(void *data)
{
	struct crew *crew = data;

	atomic_store(&crew->tid, (uint32_t)syscall(SYS_gettid));
	while (!atomic_load(&crew->ends))
		if (atomic_load(&crew->rests))
			usleep(1000);
	return NULL;
}

static void crew_begin(struct crew *crew)
{
	ck_assert_int_eq(pthread_create(&crew->thread, NULL, crew_work, crew), 0);
	while (!atomic_load(&crew->tid))
		usleep(1000);
}

static void crew_end(struct crew *crew)
{
	atomic_store(&crew->ends, true);
	ck_assert_int_eq(pthread_join(crew->thread, NULL), 0);
}

static uint64_t crew_cpu(struct crew *crew)
{
	uint64_t ns = 0;

	ck_assert_int_eq(ident_thread_ns((int)crew->tid, &ns), 0);
	return ns;
}

/* Until it has had a core for a while. */
static void crew_await(struct crew *crew)
{
	uint64_t enough = crew_cpu(crew) + 50000000;

	while (crew_cpu(crew) < enough)
		usleep(1000);
}

static uint32_t own(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

START_TEST(those_who_came_lately_count_whatever_they_do)
{
	struct crew crew = { .rests = true };
	int seat;

	crew_begin(&crew);
	seat = callers_come(callers, 0, own(), START_MS);
	ck_assert_int_eq(callers_count(callers, seat, START_MS), 1);
	ck_assert_int_ne(callers_come(callers, 0, crew.tid, START_MS), seat);
	ck_assert_int_eq(callers_count(callers, seat, START_MS), 2);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + CALLERS_NEAR_MS), 2);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + AWAY_MS), 1);
	ck_assert_int_eq(callers_count(callers, -1, START_MS), 3); /* who has no seat */
	crew_end(&crew);
}
END_TEST

START_TEST(who_computes_counts_until_it_is_overdue)
{
	struct crew crew = { .rests = false };
	uint32_t now_ms = START_MS;
	int seat;

	crew_begin(&crew);
	seat = callers_come(callers, 0, own(), now_ms);
	callers_come(callers, 0, crew.tid, now_ms);
	while (now_ms + 400 <= START_MS + CALLERS_FAR_MS) {
		now_ms += 400;
		crew_await(&crew);
		ck_assert_int_eq(callers_count(callers, seat, now_ms), 2);
	}
	crew_await(&crew);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + CALLERS_FAR_MS + 1), 1);
	crew_end(&crew);
}
END_TEST

START_TEST(who_stops_computing_counts_no_more_and_again_when_it_comes)
{
	struct crew crew = { .rests = false };
	int seat, other;

	crew_begin(&crew);
	seat = callers_come(callers, 0, own(), START_MS);
	other = callers_come(callers, 0, crew.tid, START_MS);
	crew_await(&crew);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + AWAY_MS), 2);
	atomic_store(&crew.rests, true);
	usleep(5000);
	callers_count(callers, seat, START_MS + 2 * AWAY_MS); /* the rest of what it did */
	ck_assert_int_eq(callers_count(callers, seat, START_MS + 100 * AWAY_MS), 1);
	ck_assert_int_eq(callers_come(callers, other, crew.tid, START_MS + 100 * AWAY_MS), other);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + 100 * AWAY_MS), 2);
	crew_end(&crew);
}
END_TEST

START_TEST(one_whose_calls_are_long_is_waited_for_the_longer)
{
	const uint32_t back_ms = START_MS + 10000, late_ms = back_ms + CALLERS_FAR_MS + 20000;
	struct crew crew = { .rests = false };
	int seat, other;

	crew_begin(&crew);
	seat = callers_come(callers, 0, own(), START_MS);
	other = callers_come(callers, 0, crew.tid, START_MS);
	ck_assert_int_eq(callers_come(callers, other, crew.tid, back_ms), other);
	callers[other].cpu_ns = 0; /* it has computed all the time */
	callers[other].seen_ms = late_ms - AWAY_MS;
	crew_await(&crew);
	ck_assert_int_eq(callers_count(callers, seat, late_ms), 2);
	ck_assert_int_eq(callers_count(callers, seat, late_ms + 1), 1);
	/* Short calls make it forget. */
	for (uint32_t i = 1; i < 100; i++)
		callers_come(callers, other, crew.tid, late_ms + i * 20);
	ck_assert_uint_lt(callers[other].away_ms, 100);
	crew_end(&crew);
}
END_TEST

START_TEST(the_seat_of_one_that_ended_is_free)
{
	struct crew crew = { .rests = false };
	int seat, other;

	crew_begin(&crew);
	seat = callers_come(callers, 0, own(), START_MS);
	other = callers_come(callers, 0, crew.tid, START_MS);
	crew_end(&crew);
	ck_assert_int_eq(callers_count(callers, seat, START_MS + AWAY_MS), 1);
	ck_assert_uint_eq(callers[other].thread, 0);
}
END_TEST

START_TEST(no_seat_is_taken_twice_but_from_one_that_is_overdue)
{
	int seat = -1;

	for (uint32_t i = 0; i < CALLERS_SEATS; i++)
		ck_assert_int_eq(callers_come(callers, seat, 1000000 + i, START_MS), (int)i);
	ck_assert_int_eq(callers_come(callers, 3, own(), START_MS + CALLERS_FAR_MS), -1);
	ck_assert_int_eq(callers_count(callers, -1, START_MS), CALLERS_SEATS + 1);
	seat = callers_come(callers, 3, own(), START_MS + CALLERS_FAR_MS + 1);
	ck_assert_int_eq(seat, 0);
	ck_assert_int_eq(callers_come(callers, seat, own(), START_MS + CALLERS_FAR_MS + 2), seat);
	ck_assert_uint_eq(callers[0].thread, own());
}
END_TEST

/* In a forked child its page is wiped, but what the thread remembers is not. */
START_TEST(a_seat_of_before_a_fork_is_none)
{
	uint32_t now_ms = UINT32_MAX - 10; /* and the clock goes round */

	ck_assert_int_eq(callers_come(callers, 40, own(), now_ms), 0);
	ck_assert_int_eq(callers_come(callers, 40, own() + 1, now_ms + 20), 1);
	ck_assert_int_eq(callers_count(callers, 0, now_ms + 20), 2);
	ck_assert_int_eq(callers_count(callers, 1, now_ms), 2); /* it has not seen the later time */
}
END_TEST

START_TEST(who_goes_counts_no_more_and_takes_no_other_along)
{
	int seat = callers_come(callers, 0, own(), START_MS);
	int other = callers_come(callers, 0, own() + 1, START_MS);

	callers_go(callers, other, own());
	callers_go(callers, -1, own());
	callers_go(callers, CALLERS_SEATS, own());
	ck_assert_int_eq(callers_count(callers, -1, START_MS), 3);
	callers_go(callers, seat, own());
	ck_assert_int_eq(callers_count(callers, other, START_MS), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		those_who_came_lately_count_whatever_they_do,
		who_computes_counts_until_it_is_overdue,
		who_stops_computing_counts_no_more_and_again_when_it_comes,
		one_whose_calls_are_long_is_waited_for_the_longer,
		the_seat_of_one_that_ended_is_free,
		no_seat_is_taken_twice_but_from_one_that_is_overdue,
		a_seat_of_before_a_fork_is_none,
		who_goes_counts_no_more_and_takes_no_other_along,
	};

	return unit_run("callers", tests, UNIT_COUNT(tests));
}
