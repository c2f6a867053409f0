/* SPDX-License-Identifier: MIT */
/*
 * A machine in virtual time: guests that call, wait, compute, come and are killed.
 * core/ledger.c, core/round.c and core/budget.c are the real ones; what they ask of
 * the kernel (core/ident.h) is answered from here, as this file defines those
 * functions and the linker does not look further. What a guest does at a gate
 * follows shim/share.c line by line.
 */
#ifndef TESTS_SIMULATE_H
#define TESTS_SIMULATE_H

#include "core/ident.h"
#include "core/round.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

enum {
	SIM_GUESTS = 1000,
	SIM_SPACE = 9,
	SIM_QUIET_START_MS = 5,
	SIM_QUIET_WAKE_MS = 2,
	SIM_SETTLE_MS = 500,
};

enum sim_state { SIM_WAITS, SIM_SETTLES, SIM_CALLS, SIM_COMPUTES };

/* How a program spends its time: spans in ms, from and to. */
struct sim_habit {
	int call[2], rest[2];
	int rest_pct, compute_pct; /* so often a rest, or a computation, follows a call */
};

struct sim_guest {
	struct row *row; /* NULL: not there */
	uint64_t self, cpu_ns, until_ms, gate_ms, generation, stands_ms;
	enum sim_state state;
	struct sim_habit habit;
	int cores, wish, share, running, quiet_ms;
	bool met, forked;
	bool squeezed; /* it came to a full house, and has the one core that everyone has */
};

static struct ledger sim_ledger;
static struct sim_guest sim_guests[SIM_GUESTS];
static struct round_room sim_room;
static uint64_t sim_now_ms, sim_births, sim_seed;
static int sim_machine;     /* cores that the kernel divides among all who run */
static int sim_places;      /* guests so far: sim_guests[0] to the last that was ever there */
static long sim_grown_into; /* times that someone grew beyond max(budget, busy guests) */

bool ident_alive(uint64_t ident)
{
	int index = ident_pid(ident) - 1;

	return index >= 0 && index < SIM_GUESTS && sim_guests[index].row
	       && sim_guests[index].self == ident;
}

int ident_pid(uint64_t ident)
{
	return (int)(ident & ((1u << IDENT_PID_BITS) - 1));
}

/* Here everyone has a CPU who wants one. */
char ident_state(int pid)
{
	(void)pid;
	return 'S';
}

int ident_cpu_ns(int pid, uint64_t *ns)
{
	if (pid < 1 || pid > SIM_GUESTS || !sim_guests[pid - 1].row)
		return -EINVAL;
	*ns = sim_guests[pid - 1].cpu_ns;
	return 0;
}

static inline int sim_budget(void)
{
	return budget_clamp(sim_ledger.budget, 1, BUDGET_MAX);
}

static inline void sim_begin(int budget, uint64_t seed)
{
	memset((void *)&sim_ledger, 0, sizeof sim_ledger);
	memset(sim_guests, 0, sizeof sim_guests);
	sim_ledger.budget = (uint32_t)budget;
	sim_machine = 1 << 20;
	sim_now_ms = 5 * 3600 * 1000;
	sim_seed = seed;
	sim_places = 0;
	sim_grown_into = 0;
}

static inline void sim_arrive(struct sim_guest *guest, enum calls calls)
{
	guest->row->arrived_ms = (uint32_t)sim_now_ms;
	guest->row->quiet_ms = 0;
	guest->row->calls = (uint8_t)calls;
	guest->row->busy = 1;
}

/* A program starts, or a worker is forked: it joins, and comes to its first gate later. */
static inline struct sim_guest *sim_join(int index, uint64_t job, int cores, int wish, int wait_ms)
{
	struct sim_guest *guest = &sim_guests[index];

	sim_places = index < sim_places ? sim_places : index + 1;
	*guest = (struct sim_guest){
		.self = ++sim_births << IDENT_PID_BITS | (uint64_t)(index + 1),
		.cores = cores,
		.wish = wish,
		.until_ms = sim_now_ms + (uint64_t)wait_ms,
		.habit = { .call = { 1, 3 } },
	};
	guest->row = ledger_claim(&sim_ledger, guest->self, SIM_SPACE);
	ck_assert_ptr_nonnull(guest->row);
	guest->row->job = job;
	guest->row->job_cores = guest->row->wish = (uint16_t)cores;
	guest->row->parent = 1;
	guest->row->cpu_ns = 0;
	guest->row->seen_ms = sim_now_ms;
	sim_arrive(guest, CALLS_PRESUMED);
	return guest;
}

/* Killed, and waited for. Its row stays until it is missed. */
static inline void sim_kill(int index)
{
	memset(&sim_guests[index], 0, sizeof sim_guests[index]);
}

static inline bool sim_lead(void)
{
	return round_lead(&sim_ledger, sim_now_ms, SIM_SPACE, &sim_room);
}

/* shim/settle.c */
static inline bool sim_settled(const struct sim_guest *guest)
{
	int newest = (int)((uint32_t)sim_now_ms - guest->row->arrived_ms);
	bool alone = true, quiet;

	if (sim_now_ms - guest->gate_ms >= SIM_SETTLE_MS)
		return true;
	for (int i = 0; i < LEDGER_ROWS; i++) {
		const struct row *row = &sim_ledger.rows[i];
		int other = (int)((uint32_t)sim_now_ms - row->arrived_ms);

		if (row == guest->row || !row->owner || row->parent != guest->row->parent)
			continue;
		alone = false;
		newest = other < newest ? other : newest;
	}
	quiet = (alone && !guest->forked) || newest >= guest->quiet_ms;
	if (quiet && round_since(&sim_ledger, sim_now_ms - (uint64_t)newest))
		return true;
	if (quiet)
		round_hasten(&sim_ledger);
	return sim_lead() && quiet;
}

/* All who are busy have a core by right, whatever they have taken. */
static inline void sim_watch_growth(const struct sim_guest *guest, int was, int taken)
{
	int sum = 0, busy = 0;

	for (int i = 0; i < LEDGER_ROWS; i++) {
		const struct row *row = &sim_ledger.rows[i];

		if (!row->owner || !row->busy || !ident_alive(row->owner))
			continue;
		busy++;
		sum += row == guest->row ? taken : row->share > 1 ? row->share : 1;
	}
	sim_grown_into += taken > was && taken > 1 && sum > sim_budget() && sum > busy;
}

/* shim/share.c: take_share */
static inline int sim_take(struct sim_guest *guest)
{
	struct row *row = guest->row;
	int share = row->share, target = budget_clamp(row->target, 1, guest->cores), taken = target;
	struct ledger_taken others = ledger_taken(&sim_ledger, row, row->job);
	int left = sim_budget() - others.all, left_in_job = others.job_cores - others.job;

	if (target > share && target > 1)
		taken = budget_take(target, share, left, left_in_job);
	row->share = (uint16_t)taken;
	guest->squeezed = taken == 1 && (left < 1 || left_in_job < 1);
	sim_watch_growth(guest, share, taken);
	return taken;
}

static inline void sim_call(struct sim_guest *guest, int share)
{
	guest->share = share;
	guest->state = SIM_CALLS;
	guest->running = share < guest->wish ? share : guest->wish;
	guest->until_ms =
		sim_now_ms
		+ (uint64_t)unit_random(&sim_seed, guest->habit.call[0], guest->habit.call[1]);
}

/* shim/share.c: the end of decide */
static inline void sim_decide(struct sim_guest *guest)
{
	sim_lead();
	guest->generation = sim_ledger.generation;
	guest->stands_ms = sim_now_ms + (uint64_t)unit_random(&sim_seed, 4, 16);
	sim_call(guest, sim_take(guest));
}

/* shim/guest.h: guest_settled */
static inline bool sim_stands(const struct sim_guest *guest)
{
	return guest->met && guest->generation == sim_ledger.generation
	       && sim_now_ms <= guest->stands_ms;
}

/* A gate; shim/share.c: the beginning of decide */
static inline void sim_gate(struct sim_guest *guest)
{
	struct row *row = guest->row;
	bool first = !guest->met, woken = false;

	if (sim_stands(guest)) {
		sim_call(guest, guest->share);
		return;
	}
	UNIT_MUST(row->owner == guest->self, "put out alive");
	guest->met = true;
	row->wish = (uint16_t)guest->wish;
	row->passed = 1;
	if (row->calls == CALLS_NOT || !row->busy) {
		woken = true;
		sim_arrive(guest, CALLS);
	}
	row->calls = CALLS;
	guest->gate_ms = sim_now_ms;
	guest->running = 0;
	if ((first || woken) && guest->wish > 1 && guest->cores > 1) {
		guest->state = SIM_SETTLES;
		guest->quiet_ms = first ? SIM_QUIET_START_MS : SIM_QUIET_WAKE_MS;
	} else {
		sim_decide(guest);
	}
}

static inline void sim_rest(struct sim_guest *guest, enum sim_state state)
{
	guest->state = state;
	guest->running = state == SIM_COMPUTES;
	guest->until_ms =
		sim_now_ms
		+ (uint64_t)unit_random(&sim_seed, guest->habit.rest[0], guest->habit.rest[1]);
}

static inline void sim_step(struct sim_guest *guest)
{
	int chance = unit_random(&sim_seed, 0, 99);

	if (guest->state == SIM_SETTLES) {
		if (sim_settled(guest))
			sim_decide(guest);
	} else if (sim_now_ms < guest->until_ms) {
		return;
	} else if (guest->state == SIM_CALLS && chance < guest->habit.rest_pct) {
		sim_rest(guest, SIM_WAITS);
	} else if (guest->state == SIM_CALLS
		   && chance < guest->habit.rest_pct + guest->habit.compute_pct) {
		sim_rest(guest, SIM_COMPUTES);
	} else {
		sim_gate(guest);
	}
}

/* One millisecond: whoever is at the end of something goes on, in any order; all who run, run. */
static inline void sim_tick(void)
{
	int first = unit_random(&sim_seed, 0, SIM_GUESTS), running = 0;

	for (int i = 0; i < sim_places; i++) {
		struct sim_guest *guest = &sim_guests[(first + i) % sim_places];

		if (guest->row)
			sim_step(guest);
		running += guest->running;
	}
	for (int i = 0; i < sim_places; i++)
		sim_guests[i].cpu_ns += (uint64_t)sim_guests[i].running * 1000000
					* (uint64_t)(running > sim_machine ? sim_machine : running)
					/ (uint64_t)(running ? running : 1);
	sim_now_ms++;
}

#endif
