/* SPDX-License-Identifier: MIT */
/*
 * The slow half of a gate: be counted, wait for those who come with us (settle.c), lead
 * a round if one is due, and take what there is. No lock is held while anything is called
 * that is not ours: a thread that finds another one deciding takes the last answer.
 */
#define _GNU_SOURCE
#include "shim/guest.h"

#include "core/family.h"
#include "shim/omp.h"
#include "shim/python.h"
#include "shim/ruling.h"

#include <pthread.h>

static struct round_room room;
_Thread_local struct guest_thread guest_thread;
static int part_of(struct home *home, enum guest_of of, uint64_t epoch)
{
	uint64_t now = atomic_load(&home->callers[of][epoch & 1]);
	uint64_t last = atomic_load(&home->callers[of][~epoch & 1]);
	int callers = now >> 16 == epoch ? (uint16_t)now : 1;
	int share = atomic_load(&home->share), part, team;

	if (last >> 16 == epoch - 1 && (uint16_t)last > callers)
		callers = (uint16_t)last;
	/* The others of a region will call too, or compute meanwhile. */
	team = of == GUEST_CALLS ? omp_team() : 1;
	if (callers < team)
		callers = team;
	part = share > callers ? share / callers : 1;
	if (of == GUEST_CALLS)
		atomic_store(&home->part, part);
	return part;
}

static void count_caller(struct home *home, enum guest_of of, uint64_t epoch)
{
	_Atomic uint64_t *count = &home->callers[of][epoch & 1];
	uint64_t was = atomic_load(count);

	guest_thread.counted_in[of] = epoch;
	while (!atomic_compare_exchange_weak(count, &was,
					     was >> 16 == epoch ? was + 1 : epoch << 16 | 1))
		;
}

bool guest_lead(struct home *home, uint64_t now_ms)
{
	bool led;

	if (!round_due(guest_ledger, now_ms) || atomic_exchange(&home->leading, 1))
		return false;
	led = round_lead(guest_ledger, now_ms, atomic_load(&guest_space), &room);
	atomic_store(&home->leading, 0);
	if (led)
		ruling_look(now_ms);
	return led;
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
	others = ledger_taken(guest_ledger, row, guest_job());
	budget = ledger_budget(guest_ledger);
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
	atomic_store(&row->gate_ms, (uint16_t)now_ms);
	if (atomic_load(&row->calls) == CALLS_NOT || !atomic_load(&row->busy)) {
		woken = true;
		guest_arrive(row, CALLS, now_ms);
	}
	atomic_store(&row->calls, CALLS);
	if ((first || woken) && wish > 1 && guest_cores() > 1) {
		guest_settle(home, row, first);
		now_ms = ident_now_ms();
	}
	guest_lead(home, now_ms);
	/* Read before what it stands for: a change in between is found at the next gate. */
	generation = atomic_load(&guest_ledger->generation);
	share = take_share(home, row);
	atomic_store(&home->generation, generation);
	return share;
}

/* ms << 16 lasts for 2^48 ms. */
static int keep_wish(struct home *home, enum guest_of of, int wish, bool for_good)
{
	uint64_t now_ms = ident_coarse_ms(), until = for_good ? UINT64_MAX : now_ms + GUEST_WISH_MS;
	uint64_t other = atomic_load(&home->wishes[!of]);

	wish = budget_clamp(wish, 1, BUDGET_MAX);
	atomic_store(&home->wishes[of], until << 16 | (uint64_t)wish);
	return other >> 16 > now_ms && (int)(other & 0xffff) > wish ? (int)(other & 0xffff) : wish;
}

int guest_pass(enum guest_of of, int wish, bool for_good)
{
	struct home *home = guest_home_made();
	uint64_t epoch = ident_coarse_ms() / GUEST_EPOCH_MS;
	int share, was, cancel;

	if (!home) /* no memory to know anything by: we are not here */
		return guest_cores();
	if (guest_thread.counted_in[of] != epoch)
		count_caller(home, of, epoch);
	wish = keep_wish(home, of, wish, for_good);
	if (!atomic_exchange(&home->moving, 1)) {
		/* A BLAS call is no point at which its thread can be cancelled: nor are we. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		was = atomic_load(&home->share);
		share = decide(home, wish);
		atomic_store(&home->share, share);
		pthread_setcancelstate(cancel, &cancel);
		atomic_store(&home->moving, 0);
		if (share != was && was)
			python_request();
		if (share != was)
			shim_debug("share %d, was %d; wish %d", share, was, wish);
	}
	guest_thread.until = guest_ticks() + GUEST_TICKS;
	return part_of(home, of, epoch);
}
