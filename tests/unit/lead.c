/* SPDX-License-Identifier: MIT */
/*
 * core/round.c where it is easy to go wrong: clocks that jump, rounds that come at
 * once or not for minutes, other namespaces, garbage, two leaders.
 */
#define _GNU_SOURCE
#include "tests/unit/seat.h"

#include <sys/mman.h>

enum { ELECTIONS = 50000, ELSEWHERE = SEAT_SPACE + 1 };

START_TEST(a_round_is_due_every_20_ms)
{
	seat_begin(6);
	ck_assert(round_due(seat_ledger, seat_now_ms));
	ck_assert(round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
	for (int ms = 0; ms < ROUND_MS; ms++)
		ck_assert(!round_lead(seat_ledger, seat_now_ms + (uint64_t)ms, SEAT_SPACE,
				      &seat_room));
	ck_assert(round_lead(seat_ledger, seat_now_ms + ROUND_MS, SEAT_SPACE, &seat_room));
	ck_assert(!round_due(seat_ledger, seat_now_ms + ROUND_MS));
	seat_ledger->next_round_ms = seat_now_ms + SEAT_HOUR_MS; /* garbage */
	ck_assert(round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
}
END_TEST

/* Those who cannot wait take from what would come later: none is added over time. */
START_TEST(a_hastened_round_comes_early_not_more_often)
{
	int led = 0, early = ROUND_EARLY_MS / ROUND_MS, seconds = 10;
	uint64_t start_ms = seat_now_ms;

	seat_begin(6);
	for (int i = 0; i < 100; i++) {
		round_hasten(seat_ledger);
		led += round_lead(seat_ledger, start_ms, SEAT_SPACE, &seat_room);
	}
	ck_assert_int_eq(led, 1 + early);
	for (uint64_t ms = 1; ms <= (uint64_t)seconds * 1000; ms++) {
		round_hasten(seat_ledger);
		led += round_lead(seat_ledger, start_ms + ms, SEAT_SPACE, &seat_room);
	}
	ck_assert_int_eq(led, 1 + early + seconds * 1000 / ROUND_MS);
	/* And in a time without haste, as often as ever. */
	ck_assert(!round_due(seat_ledger, start_ms + (uint64_t)seconds * 1000 + ROUND_EARLY_MS));
	ck_assert(round_due(seat_ledger,
			    start_ms + (uint64_t)seconds * 1000 + ROUND_EARLY_MS + ROUND_MS));
}
END_TEST

/* Who came in the same millisecond may have come after the leader had looked. */
START_TEST(only_a_round_that_began_later_has_seen_an_arrival)
{
	seat_begin(6);
	ck_assert(!round_since(seat_ledger, seat_now_ms - SEAT_HOUR_MS));
	ck_assert(round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
	ck_assert(round_since(seat_ledger, seat_now_ms - 1));
	ck_assert(!round_since(seat_ledger, seat_now_ms));
}
END_TEST

/* An interpreter that waits for input, alone for a while: no gate of anyone, no round. */
START_TEST(who_was_idle_between_two_rounds_is_idle)
{
	static const int gaps_ms[] = { 1000, 59000, 60000, 61000, 10 * SEAT_HOUR_MS };
	pid_t guest = unit_idle_child();

	for (size_t i = 0; i < UNIT_COUNT(gaps_ms); i++) {
		struct row *row;

		seat_begin(6);
		row = seat_take(guest, 6, 6);
		seat_lead(gaps_ms[i]);
		ck_assert_msg(!row->busy && !row->share, "after %d ms: busy %d, share %d",
			      gaps_ms[i], row->busy, row->share);
		ck_assert_int_eq(shmdt(seat_ledger), 0);
	}
	unit_end(guest);
}
END_TEST

/* However many rounds somebody had led: a thousand of them make no tenth of a second. */
START_TEST(time_is_what_passes_not_rounds)
{
	pid_t guest = unit_idle_child();
	struct row *row;

	seat_begin(6);
	row = seat_take(guest, 6, 6);
	for (int round = 0; round < 1000; round++) {
		seat_lead(0);
		ck_assert_msg(row->busy && row->share == 6, "idle after %d rounds in one ms",
			      round + 1);
	}
	seat_lead(BUDGET_IDLE_MS / 2);
	ck_assert(row->busy);
	seat_lead(BUDGET_IDLE_MS / 2);
	ck_assert(!row->busy);
	unit_end(guest);
}
END_TEST

/* What was used before a round that came at once still counts in the next that takes time. */
START_TEST(no_work_is_lost_between_two_rounds)
{
	pid_t guest = unit_child(unit_spin, NULL);
	struct row *row;

	seat_begin(6);
	row = seat_take(guest, 6, 6);
	for (int round = 0; round < 20; round++) {
		seat_await_work(guest, 5);
		seat_lead(0);
		seat_lead(ROUND_MS);
		ck_assert_msg(row->busy && row->share == 6, "idle after %d rounds, and it works",
			      round + 1);
	}
	unit_end(guest);
}
END_TEST

/* A leader reads the clock, is held up, and finds rows that were looked at since. */
START_TEST(a_leader_may_be_late)
{
	pid_t guest = unit_idle_child();
	struct row *near, *far;

	seat_begin(6);
	near = seat_take(guest, 6, 6);
	far = seat_take(getpid(), 6, 3);
	far->space = ELSEWHERE;
	near->seen_ms = far->seen_ms = seat_now_ms + 30;
	seat_lead(0);
	ck_assert_msg(far->owner && far->busy && far->share == 3, "of another namespace: gone");
	ck_assert_msg(near->owner && near->busy && near->share == 6, "of our own: gone");
	unit_end(guest);
}
END_TEST

/* Its owner stands there, its namespace not yet, the rest is from before or zero. */
START_TEST(who_is_just_claiming_is_left_alone)
{
	pid_t guest = unit_idle_child();
	uint64_t name = shm_ident(guest);

	seat_begin(6);
	seat_ledger->rows[3].owner = name;
	seat_lead(1);
	ck_assert_uint_eq(seat_ledger->rows[3].owner, name);
	unit_end(guest);
}
END_TEST

/* Pids mean nothing there: its gates speak for it. */
START_TEST(a_foreigner_is_heard_not_measured)
{
	struct row *row;

	seat_begin(6);
	row = seat_take(getpid(), 6, 6);
	row->owner = (uint64_t)1 << IDENT_PID_BITS | 1; /* by our pids long dead */
	row->space = ELSEWHERE;
	for (int round = 0; round < 100; round++) {
		row->passed = round % 20 == 0; /* calls of less than two seconds */
		seat_lead(100);
		ck_assert(row->owner && row->busy && row->share == 6);
		ck_assert_int_eq(row->target, 6);
	}
	seat_lead(1000);
	ck_assert(!row->busy && !row->share && !row->target && row->owner);
	row->calls = CALLS;
	row->passed = row->busy = 1;
	seat_lead(100);
	ck_assert(row->owner && row->busy);
	seat_lead(9900);
	ck_assert(row->owner && !row->busy);
	seat_lead(200);
	ck_assert_uint_eq(row->owner, 0);
}
END_TEST

START_TEST(garbage_is_cleared_by_rounds_alone)
{
	unsigned char *bytes;
	uint64_t seed = 53;

	seat_begin(6);
	bytes = (unsigned char *)seat_ledger;
	for (size_t i = 0; i < sizeof *seat_ledger; i++)
		bytes[i] = (unsigned char)unit_random(&seed, 0, 255);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &seat_ledger->rows[i];

		/* A pid that someone has by chance would be a living owner. */
		while (row->owner && kill(ident_pid(row->owner), 0) == 0)
			row->owner++;
		if (i % 2)
			row->space = SEAT_SPACE;
	}
	for (int i = 1; i < LEDGER_ROWS; i += 64) /* nobody's, and our own of another day */
		seat_ledger->rows[i].owner = (uint64_t)i << IDENT_PID_BITS;
	for (int round = 0; round < 20; round++)
		seat_lead(SEAT_HOUR_MS / 10);
	ck_assert_int_eq(shm_owned(seat_ledger), 0);
}
END_TEST

static struct {
	_Atomic uint64_t due_ms; /* 0: not yet */
	atomic_int led, done;
} * election;

static void stand(void *unused)
{
	static struct round_room room;
	uint64_t last_ms = 0, idle = 0;

	(void)unused;
	for (;;) {
		uint64_t due_ms = election->due_ms;

		if (due_ms == last_ms) {
			if (++idle % 1000 == 0) /* there may be one CPU */
				sched_yield();
			continue;
		}
		last_ms = due_ms;
		election->led += round_lead(seat_ledger, due_ms, SEAT_SPACE, &room);
		election->done++;
	}
}

/* Two, as there may be no more CPUs; one of them a little later than the other, or not. */
START_TEST(of_those_who_find_it_due_one_leads)
{
	uint64_t seed = 59;
	pid_t other;

	seat_begin(6);
	election = mmap(NULL, sizeof *election, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	ck_assert(election != MAP_FAILED);
	other = unit_child(stand, NULL);
	for (int i = 1; i <= ELECTIONS; i++) {
		int delay = unit_random(&seed, 0, 1500);

		election->due_ms = seat_now_ms += ROUND_MS;
		while (delay-- > 0)
			__asm__ volatile("" ::: "memory");
		election->led += round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room);
		while (election->done < i)
			sched_yield();
		UNIT_MUST(election->led == i, "%d rounds led, %d were due", election->led, i);
	}
	unit_end(other);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_round_is_due_every_20_ms,
		a_hastened_round_comes_early_not_more_often,
		only_a_round_that_began_later_has_seen_an_arrival,
		who_was_idle_between_two_rounds_is_idle,
		time_is_what_passes_not_rounds,
		no_work_is_lost_between_two_rounds,
		a_leader_may_be_late,
		who_is_just_claiming_is_left_alone,
		a_foreigner_is_heard_not_measured,
		garbage_is_cleared_by_rounds_alone,
		of_those_who_find_it_due_one_leads,
	};

	return shm_run("lead", tests, UNIT_COUNT(tests));
}
