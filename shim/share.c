/* SPDX-License-Identifier: MIT */
/*
 * The slow half of a gate: be counted, wait for those who come with us (settle.c), lead
 * a round if one is due, and take what there is. No lock is held while anything is called
 * that is not ours: a thread that finds another one deciding takes the last answer.
 */
#define _GNU_SOURCE
#include "shim/guest.h"

#include "core/cpus.h"
#include "core/family.h"
#include "shim/omp.h"
#include "shim/python.h"
#include "shim/ruling.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOVING_MS = 2000 }; /* a decision takes less: see settle.c for the most that it waits */

_Thread_local struct guest_thread guest_thread;

/* Whether this thread has been to such a gate before; a fork frees all seats. */
static bool sits(struct home *home, enum guest_of of)
{
	struct callers_seat *caller = &home->callers[of][guest_thread.seat[of]];

	return guest_thread.id && atomic_load(&caller->thread) == guest_thread.id;
}

/* false: there is none. */
static bool take_seat(struct home *home, enum guest_of of, bool first)
{
	int seat;

	if (first) /* a forked child's has another tid than before */
		guest_thread.id = (uint32_t)syscall(SYS_gettid);
	seat = callers_come(home->callers[of], guest_thread.seat[of], guest_thread.id,
			    (uint32_t)ident_coarse_ms());
	if (seat >= 0)
		guest_thread.seat[of] = seat;
	return seat >= 0;
}

/* One of the program's own threads: others may be about to make their first call too. */
static bool may_be_many(enum guest_of of, int wish)
{
	return of == GUEST_CALLS && wish > 1 && guest_cores() > 1
	       && (int)guest_thread.id != getpid() && omp_team() == 1;
}

static bool is_of_crowd(void)
{
	struct berth *berth = guest_thread.berth;

	return berth && guest_thread.id && atomic_load(&berth->thread) == guest_thread.id;
}

int guest_callers(enum guest_of of)
{
	struct home *home = guest_home_made();
	int seat = home && sits(home, of) ? guest_thread.seat[of] : -1, callers = 1;

	if (home) /* who has no seat is counted too, but for helpers */
		callers = callers_count(home->callers[of], seat, (uint32_t)ident_coarse_ms())
			  - (seat < 0 && guest_thread.helps);
	if (home && of == GUEST_CALLS) { /* those whose calls are seen have none */
		int crowd = guest_crowd(home, atomic_load(&home->row));

		/* Between two calls it is among those of late as well. */
		callers += crowd - (guest_thread.frame || (crowd && is_of_crowd()));
	}
	return callers > 1 ? callers : 1;
}

void guest_come(void)
{
	struct home *home = guest_home;

	if (!home || shim_is_out() || guest_ticks() <= guest_thread.until)
		return;
	guest_thread.until = guest_ticks() + GUEST_TICKS;
	if (omp_team() == 1) /* those of a region come and go with it */
		take_seat(home, GUEST_CALLS, !sits(home, GUEST_CALLS));
}

void guest_come_with_teams(void)
{
	struct home *home = guest_home_made();

	if (home && !guest_thread.helps)
		take_seat(home, GUEST_TEAMS, !sits(home, GUEST_TEAMS));
}

static int part_of(struct home *home, enum guest_of of)
{
	int callers = guest_callers(of), share = atomic_load(&home->share), part, team, waiting,
	    turn;

	/* The others of a region will call too, or compute meanwhile. */
	team = of == GUEST_CALLS ? omp_team() : 1;
	if (callers < team)
		callers = team;
	part = share > callers ? share / callers : 1;
	if (of == GUEST_CALLS) {
		atomic_store(&home->part, part);
		/* While one has its turn, others compute, but for those that wait for theirs. */
		waiting = guest_waiting(home);
		waiting = waiting < callers ? waiting : callers - 1;
		turn = share - (callers - 1 - waiting);
		/* One number for all: what waits for no other goes by it as well. */
		if (team > 1 || callers >= share || (callers > 1 && guest_mingles(home)))
			turn = part;
		atomic_store(&home->turn, turn);
		atomic_store(&home->how[OF_TURNS], turn == 1 ? BERTH_ALONE : BERTH_WAITS);
	}
	return part;
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

/* No more threads than the mask has CPUs: it may have been cut since we began, or widened. */
static int cores_now(void)
{
	int cores = guest_cores(), allowed = cpus_allowed();

	return allowed < cores ? allowed : cores;
}

/*
 * Two that grow at once both write before they add up, so that at least one of them
 * sees the other: the sum never exceeds.
 */
static int take_share(struct home *home, struct row *row)
{
	int share = atomic_load(&row->share), budget, taken;
	int target = budget_clamp(atomic_load(&row->target), 1, cores_now());
	struct ledger_taken others;

	if (target <= share) {
		guest_pay_back(home, row, target);
		return target;
	}
	if (target == 1) {
		atomic_store(&row->share, 1);
		return 1;
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
	atomic_store(&row->lands, !atomic_load(&home->mixed));
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

/* Whether it is the first time that this thread comes. */
static bool come(struct home *home, enum guest_of of, int wish)
{
	bool first = !sits(home, of);

	if (of == GUEST_CALLS && guest_thread.frame) {
		if (!first) /* it is among the flights, and would count twice */
			callers_go(home->callers[of], guest_thread.seat[of], guest_thread.id);
		first = guest_thread.came;
		guest_thread.came = false;
		if (guest_thread.berth) /* between two functions: no thread of it runs */
			atomic_store(&guest_thread.berth->share, 0);
		return first;
	}
	if (wish > 1)
		atomic_store(&home->mixed, true);
	return (of == GUEST_CALLS || !guest_thread.helps) && take_seat(home, of, first) && first;
}

/* A call in flight that may use another number from now on. */
static void note_share(struct home *home)
{
	if (guest_thread.frame && guest_thread.berth)
		atomic_store(&guest_thread.berth->share, atomic_load(&home->share));
}

/* One that has been deciding for so long is not: a handler has jumped out of it. 0: not now. */
static uint32_t begin_deciding(struct home *home)
{
	uint32_t now_ms = (uint32_t)ident_coarse_ms() | 1, since_ms = 0;

	if (atomic_compare_exchange_strong(&home->moving_ms, &since_ms, now_ms)
	    || (now_ms - since_ms > MOVING_MS && now_ms - since_ms < UINT32_MAX / 2
		&& atomic_compare_exchange_strong(&home->moving_ms, &since_ms, now_ms)))
		return now_ms;
	return 0;
}

int guest_pass(enum guest_of of, int wish, bool for_good)
{
	struct home *home = guest_home_made();
	int share, was, cancel;
	uint32_t since_ms;
	bool first;

	if (!home) /* no memory to know anything by: we are not here */
		return guest_cores();
	first = come(home, of, wish);
	if (first && may_be_many(of, wish))
		guest_settle_threads(home);
	wish = keep_wish(home, of, wish, for_good);
	since_ms = begin_deciding(home);
	if (since_ms) {
		/* A BLAS call is no point at which its thread can be cancelled: nor are we. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		was = atomic_load(&home->share);
		share = decide(home, wish);
		atomic_store(&home->share, share);
		pthread_setcancelstate(cancel, &cancel);
		atomic_compare_exchange_strong(&home->moving_ms, &since_ms, 0);
		if (share != was && was)
			python_request();
		if (share != was)
			shim_debug("share %d, was %d; wish %d", share, was, wish);
	}
	if (of == GUEST_CALLS)
		note_share(home);
	guest_thread.until = guest_ticks() + GUEST_TICKS;
	return part_of(home, of);
}
