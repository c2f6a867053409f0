/* SPDX-License-Identifier: MIT */
/*
 * core/ledger.c under fire: processes that claim, leave and are killed at any
 * instruction, a reaper that never rests, and a leader of rounds that never does.
 * Nothing here is timed; what must hold, holds in any order.
 */
#define _GNU_SOURCE
#include "core/round.h"

#include "tests/unit/shm.h"

#include <sys/mman.h>

enum { GUESTS = 32, WAVES = 10, WAVES_MOST = 200, HOURS_MS = 10 * 3600 * 1000 };

static struct ledger *ledger;
static uint32_t space;
static int claims, spins; /* of each guest; of each claim, at most */

static struct {
	atomic_long claims, reaped, rounds, wrong, denied;
} * count;

static void reap(void *unused)
{
	(void)unused;
	for (;;)
		count->reaped += ledger_reap(ledger, space);
}

/* A machine that has been up for long: what a row says of a time near 0 is long past. */
static void lead(void *unused)
{
	static struct round_room room;

	(void)unused;
	for (;;) {
		ledger->next_round_ms = 0;
		count->rounds += round_lead(ledger, ident_now_ms() + HOURS_MS, space, &room);
	}
}

static bool holds(const struct row *row, uint64_t self)
{
	return row->owner == self && row->parent == (uint32_t)getpid();
}

/* Whoever else thought this row to be his own would write his own pid into it. */
static void come_and_go(void *unused)
{
	uint64_t seed = (uint64_t)getpid();

	(void)unused;
	for (int i = 0; i < claims; i++) {
		uint64_t self = ident_self();
		struct row *row = ledger_claim(ledger, self, space);

		if (!row) {
			count->denied++;
			continue;
		}
		row->parent = (uint32_t)getpid();
		count->claims++;
		if (unit_random(&seed, 0, 20) == 0)
			sched_yield();
		for (int spin = unit_random(&seed, 1, spins); spin > 0; spin--)
			count->wrong += !holds(row, self);
		if (unit_random(&seed, 0, 2))
			ledger_leave(row, self);
	}
}

static void pass_a_wave(uint64_t *seed)
{
	pid_t guests[GUESTS];

	for (int i = 0; i < GUESTS; i++)
		guests[i] = unit_child(come_and_go, NULL);
	unit_sleep_ms(unit_random(seed, 1, 10));
	for (int i = 0; i < GUESTS; i++)
		if (unit_random(seed, 0, 1))
			kill(guests[i], SIGKILL);
	for (int i = 0; i < GUESTS; i++)
		ck_assert_int_eq(waitpid(guests[i], NULL, 0), guests[i]);
}

/*
 * Until it was a storm: where a fork takes longer than all the claims of a guest (emulated CPUs),
 * few guests are there at the same time.
 */
static void pass_waves(uint64_t *seed, long claimed, long denied)
{
	for (int i = 0; i < WAVES_MOST; i++)
		if (i < WAVES || count->claims < claimed || count->denied < denied)
			pass_a_wave(seed);
}

static void begin(int its_claims, int its_spins)
{
	ledger = shm_fresh();
	space = ident_namespace();
	claims = its_claims;
	spins = its_spins;
	count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	ck_assert(count != MAP_FAILED);
}

START_TEST(no_row_has_two_owners_and_none_is_lost)
{
	uint64_t seed = 41;
	pid_t reaper, leader;

	begin(100, 400);
	reaper = unit_child(reap, NULL);
	leader = unit_child(lead, NULL);
	pass_waves(&seed, 1001, 0);
	unit_end(reaper);
	unit_end(leader);
	ledger_reap(ledger, space);
	ck_assert_int_eq(count->wrong, 0);
	ck_assert_int_eq(count->denied, 0);
	ck_assert_int_eq(shm_owned(ledger), 0);
	/* That it was a storm at all. */
	ck_assert_int_gt(count->claims, 1000);
	ck_assert_int_gt(count->rounds, 10);
	ck_assert_uint_eq(ledger->overflow, 0);
}
END_TEST

/* Three rows for all: they change hands all the time, from the dead to the living, too. */
START_TEST(so_it_is_where_room_is_short)
{
	enum { FREE = 3 };
	uint64_t seed = 43, owner = ident_self();
	pid_t reapers[2];

	begin(250, 3);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		ledger->rows[i].owner = i < FREE ? 0 : owner;
		ledger->rows[i].space = i < FREE ? space : space + 1;
	}
	for (int i = 0; i < 2; i++)
		reapers[i] = unit_child(reap, NULL);
	pass_waves(&seed, 101, 101);
	for (int i = 0; i < 2; i++)
		unit_end(reapers[i]);
	ledger_reap(ledger, space);
	ck_assert_int_eq(count->wrong, 0);
	ck_assert_int_gt(count->claims, 100);
	ck_assert_int_gt(count->denied, 100);
	ck_assert_int_eq(shm_owned(ledger), LEDGER_ROWS - FREE);
	ck_assert_int_ge(ledger->overflow, count->denied);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		no_row_has_two_owners_and_none_is_lost,
		so_it_is_where_room_is_short,
	};

	return shm_run("storm", tests, UNIT_COUNT(tests));
}
