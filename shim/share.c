/* SPDX-License-Identifier: MIT */
/*
 * The slow half of a gate: be counted, wait for those who come with us, lead a round
 * if one is due, and take what there is. No lock is held while anything is called
 * that is not ours: a thread that finds another one deciding takes the last answer.
 */
#define _GNU_SOURCE
#include "shim/guest.h"

#include "core/family.h"

#include <pthread.h>
#include <time.h>

enum {
	QUIET_START_MS = 20, /* no sibling has come for so long: all are here */
	QUIET_WAKE_MS = 2,   /* the same, for those who were idle */
	SETTLE_MS = 500,     /* the most that a guest waits for siblings */
	FORK_CPU_MS = 20,    /* CPU that a parent needs at most between two forks */
};

static struct round_room room;
_Thread_local uint64_t guest_until;
static _Thread_local uint64_t counted_in; /* the epoch in which this thread was counted last */

/* What is left of the share for each caller, from now on. */
static int part_of(struct home *home, uint64_t epoch)
{
	uint64_t now = atomic_load(&home->callers[epoch & 1]);
	uint64_t last = atomic_load(&home->callers[~epoch & 1]);
	int callers = now >> 16 == epoch ? (uint16_t)now : 1;
	int share = atomic_load(&home->share), part;

	if (last >> 16 == epoch - 1 && (uint16_t)last > callers)
		callers = (uint16_t)last;
	part = share > callers ? share / callers : 1;
	atomic_store(&home->part, part);
	return part;
}

static void count_caller(struct home *home, uint64_t epoch)
{
	_Atomic uint64_t *count = &home->callers[epoch & 1];
	uint64_t was = atomic_load(count);

	counted_in = epoch;
	while (!atomic_compare_exchange_weak(count, &was,
					     was >> 16 == epoch ? was + 1 : epoch << 16 | 1))
		;
}

static bool sibling(const struct row *row, const struct row *mine)
{
	return row != mine && atomic_load(&row->owner)
	       && atomic_load(&row->parent) == atomic_load(&mine->parent)
	       && atomic_load(&row->space) == atomic_load(&mine->space);
}

/* The latest arrival among siblings, how long ago in ms; -1 if there is no sibling. */
static int newest_sibling_ms(const struct row *mine, uint64_t now_ms)
{
	int newest = -1;

	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &guest_ledger->rows[i];
		int age;

		if (!sibling(row, mine))
			continue;
		age = (int)((uint32_t)now_ms - atomic_load(&row->arrived_ms));
		if (age < 0)
			age = 0;
		if (newest < 0 || age < newest)
			newest = age;
	}
	return newest;
}

/* A parent that runs, or would if it had a CPU, may be about to fork the next. */
static bool may_fork(int parent, uint64_t since_ns)
{
	uint64_t now_ns;

	return since_ns && ident_cpu_ns(parent, &now_ns) == 0
	       && now_ns - since_ns < FORK_CPU_MS * 1000000ul && ident_is_busy(parent);
}

/*
 * Workers of a pool start their first calls within milliseconds of one another. A
 * call cannot be shrunk once it runs, and may run for minutes: so the first to come
 * waits until nobody has come for a moment, and all of them are counted.
 */
static void settle(struct row *row, bool forked, int quiet_ms, uint64_t start_ms)
{
	int parent = (int)atomic_load(&row->parent);
	uint64_t now_ms = start_ms, parent_ns = 0;

	if (forked)
		ident_cpu_ns(parent, &parent_ns);
	while (now_ms - start_ms < SETTLE_MS) {
		int age = newest_sibling_ms(row, now_ms);
		int own = (int)((uint32_t)now_ms - atomic_load(&row->arrived_ms));

		if (age < 0 && !forked)
			return;
		if (age < 0 || own < age)
			age = own;
		if (age >= quiet_ms && !may_fork(parent, parent_ns))
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
		now_ms = ident_now_ms();
	}
}

static void lead(struct home *home, uint64_t now_ms)
{
	if (atomic_exchange(&home->leading, 1))
		return;
	round_lead(guest_ledger, now_ms, atomic_load(&guest_space), &room);
	atomic_store(&home->leading, 0);
}

/*
 * Started together with others that are still loading their libraries: until they
 * are here, or have lived for FAMILY_YOUNG_MS without needing to be, their part of
 * the target stays free.
 */
static int spare_for_family(struct home *home, const struct row *row, int target)
{
	int pending;

	if (target < 2 || guest_is_forked(home) || atomic_load(&home->settled_in))
		return target;
	pending = family_pending(guest_ledger, atomic_load(&guest_space),
				 (int)atomic_load(&row->parent));
	if (pending == 0
	    && !ident_is_young(ident_pid(atomic_load(&home->self)), FAMILY_YOUNG_MS, false))
		atomic_store(&home->settled_in, true);
	return target / (1 + pending) > 1 ? target / (1 + pending) : 1;
}

/*
 * Two that grow at once both write before they add up, so that at least one of them
 * sees the other: the sum never exceeds.
 */
static int take_share(struct home *home, struct row *row)
{
	int cores = guest_cores(), share = atomic_load(&row->share);
	int target = budget_clamp(atomic_load(&row->target), 1, cores), budget, taken;
	struct ledger_taken others;

	if (target <= share || target == 1) {
		atomic_store(&row->share, (uint16_t)target);
		return target;
	}
	taken = spare_for_family(home, row, target);
	if (taken < share)
		taken = share;
	atomic_store(&row->share, (uint16_t)taken);
	others = ledger_taken(guest_ledger, row, shim_orders()->job);
	budget = budget_clamp(atomic_load(&guest_ledger->budget), 1, BUDGET_MAX);
	taken = budget_take(taken, share, budget - others.all, others.job_cores - others.job);
	atomic_store(&row->share, (uint16_t)taken);
	return taken;
}

static int decide(struct home *home, int wish)
{
	struct row *row = atomic_load(&home->row);
	uint64_t now_ms = ident_now_ms(), generation;
	bool first = !atomic_exchange(&home->met, true), woken = false;
	int share;

	if (row && atomic_load(&row->owner) != atomic_load(&home->self))
		row = NULL;
	if (!row && now_ms >= atomic_load(&home->alone_ms))
		row = guest_row(home);
	if (!row) /* no ledger: the workers of a pool cannot know how many they are */
		return guest_is_forked(home) ? 1 : guest_cores();
	atomic_store(&row->wish, (uint16_t)budget_clamp(wish, 1, BUDGET_MAX));
	atomic_store(&row->passed, 1);
	if (atomic_load(&row->calls) == CALLS_NOT || !atomic_load(&row->busy)) {
		woken = atomic_load(&row->quiet_ms) >= BUDGET_IDLE_MS;
		guest_arrive(row, CALLS, now_ms);
	}
	atomic_store(&row->calls, CALLS);
	if ((first || woken) && wish > 1 && guest_cores() > 1) {
		settle(row, first && guest_is_forked(home), first ? QUIET_START_MS : QUIET_WAKE_MS,
		       now_ms);
		round_hasten(guest_ledger);
		now_ms = ident_now_ms();
	}
	if (round_due(guest_ledger, now_ms))
		lead(home, now_ms);
	/* Read before what it stands for: a change in between is found at the next gate. */
	generation = atomic_load(&guest_ledger->generation);
	share = take_share(home, row);
	atomic_store(&home->generation, generation);
	return share;
}

int guest_pass(int wish)
{
	struct home *home = guest_home_made();
	uint64_t epoch = ident_coarse_ms() / GUEST_EPOCH_MS;
	int share, was, cancel;

	if (!home) /* no memory to know anything by: we are not here */
		return guest_cores();
	if (counted_in != epoch)
		count_caller(home, epoch);
	if (!atomic_exchange(&home->moving, 1)) {
		/* A BLAS call is no point at which its thread can be cancelled: nor are we. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		was = atomic_load(&home->share);
		share = decide(home, wish);
		atomic_store(&home->share, share);
		pthread_setcancelstate(cancel, &cancel);
		atomic_store(&home->moving, 0);
		if (share != was)
			shim_debug("share %d, was %d; wish %d", share, was, wish);
	}
	guest_until = guest_ticks() + GUEST_TICKS;
	return part_of(home, epoch);
}
