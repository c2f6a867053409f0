/* SPDX-License-Identifier: MIT */
/*
 * A ledger with real processes in it, for the tests of rounds. Their CPU clocks are
 * real, the time between two rounds is told: a busy machine makes a test slower, not
 * wrong.
 */
#ifndef TESTS_SEAT_H
#define TESTS_SEAT_H

#include "core/round.h"

#include "tests/unit/shm.h"

enum { SEAT_SPACE = 77, SEAT_HOUR_MS = 3600 * 1000 };

static struct ledger *seat_ledger;
static struct round_room seat_room;
static uint64_t seat_now_ms = 10ull * SEAT_HOUR_MS;

static inline void seat_begin(int budget)
{
	seat_ledger = shm_fresh();
	seat_ledger->budget = (uint32_t)budget;
}

static inline uint64_t seat_cpu_of(pid_t pid)
{
	uint64_t ns = 0;

	ck_assert_int_eq(ident_cpu_ns(pid, &ns), 0);
	return ns;
}

/* Until a process has had so much CPU time more. */
static inline void seat_await_work(pid_t pid, int ms)
{
	uint64_t enough = seat_cpu_of(pid) + (uint64_t)ms * 1000000;

	while (seat_cpu_of(pid) < enough)
		unit_sleep_ms(1);
}

/* A row for a process, as it stands when its guest has just been to a gate. */
static inline struct row *seat_take(pid_t pid, int wish, int share)
{
	struct row *row = ledger_claim(seat_ledger, shm_ident(pid), SEAT_SPACE);

	ck_assert_ptr_nonnull(row);
	row->job = 1;
	row->job_cores = 64;
	row->wish = (uint16_t)wish;
	row->cpu_ns = seat_cpu_of(pid);
	row->seen_ms = seat_now_ms;
	row->share = (uint16_t)share;
	row->calls = CALLS;
	row->busy = 1;
	return row;
}

static inline void seat_lead(int elapsed_ms)
{
	seat_now_ms += (uint64_t)elapsed_ms;
	seat_ledger->next_round_ms = 0;
	ck_assert(round_lead(seat_ledger, seat_now_ms, SEAT_SPACE, &seat_room));
}

#endif
