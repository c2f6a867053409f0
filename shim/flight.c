/* SPDX-License-Identifier: MIT */
/*
 * Calls whose begin and end are seen. Each has a record in the berth of its thread, and is one of
 * the flights of our row; whoever takes the record away takes the flight away: the call at its
 * end, the next call of a thread that has jumped out of one, or whoever finds that the thread has
 * ended. What a call may use stays counted until then.
 */
#define _GNU_SOURCE
#include "shim/guest.h"

#include <sys/syscall.h>
#include <unistd.h>

enum {
	CROWD_MS = 64, /* calls that were in flight at once so lately will be again */
	REAP_MS = 100, /* between two looks whether those in flight live */
};

static bool is_gone(struct berth *berth)
{
	uint64_t now_ns;

	return ident_thread_ns((int)atomic_load(&berth->thread), &now_ns) != 0;
}

/* A free one; if there is none, that of a thread that has ended. */
static struct berth *take_berth(struct home *home)
{
	guest_thread.id = (uint32_t)syscall(SYS_gettid);
	guest_thread.came = true;
	for (int i = 0; i < 2 * GUEST_BERTHS; i++) {
		struct berth *berth = &home->berths[i % GUEST_BERTHS];
		uint32_t was = atomic_load(&berth->thread);

		if ((was && (i < GUEST_BERTHS || atomic_load(&berth->flies) || !is_gone(berth)))
		    || !atomic_compare_exchange_strong(&berth->thread, &was, guest_thread.id))
			continue;
		return berth;
	}
	return NULL;
}

void guest_fly(uintptr_t frame)
{
	struct home *home = guest_home_made();

	if (guest_thread.frame)
		guest_land();
	guest_thread.came = guest_thread.fixed = guest_thread.inner = false;
	guest_thread.row = NULL;
	if (!home)
		return;
	guest_thread.frame = frame;
	if (!guest_thread.berth || atomic_load(&guest_thread.berth->thread) != guest_thread.id)
		guest_thread.berth = take_berth(home);
	guest_thread.row = guest_own_row(home);
	if (!guest_thread.row)
		return;
	if (guest_thread.berth) {
		atomic_store(&guest_thread.berth->share, 0); /* none of its threads runs yet */
		atomic_store(&guest_thread.berth->flies, BERTH_FLIES);
	}
	atomic_fetch_add(&guest_thread.row->claim, LEDGER_FLIGHT);
}

/* The last one pays back all that the process has above its target, another one what it can. */
static __attribute__((noinline)) void pay(struct home *home, struct row *row, bool last)
{
	int target = atomic_load(&row->target);

	if (!last)
		guest_pay_back(home, row, atomic_load(&home->share));
	else if (target > 0 && atomic_load(&row->lands))
		ledger_lower(row, target, 0);
}

void guest_land(void)
{
	struct home *home = guest_home;
	struct row *row = guest_thread.row;
	struct berth *berth = guest_thread.berth;
	uint32_t claim;
	bool last;

	guest_thread.frame = 0;
	guest_thread.fixed = guest_thread.inner = false;
	/* Else it began in another process, before a fork; or it was taken for over. */
	if (unlikely(!home || !row || row != atomic_load_explicit(&home->row, memory_order_relaxed)
		     || atomic_load_explicit(&row->owner, memory_order_relaxed)
				!= atomic_load_explicit(&home->self, memory_order_relaxed)
		     || (berth && !atomic_exchange(&berth->flies, 0))))
		return;
	claim = ledger_land(row);
	last = ledger_flights_in(claim) == 1;
	if (unlikely(ledger_share_in(claim)
		     > (last ? atomic_load_explicit(&row->target, memory_order_relaxed)
			     : atomic_load_explicit(&home->share, memory_order_relaxed))))
		pay(home, row, last);
}

static void reap(struct home *home, struct row *row)
{
	uint32_t now_ms = (uint32_t)ident_coarse_ms(), was_ms = atomic_load(&home->reaped_ms);

	if (now_ms - was_ms < REAP_MS
	    || !atomic_compare_exchange_strong(&home->reaped_ms, &was_ms, now_ms))
		return;
	for (int i = 0; i < GUEST_BERTHS; i++) {
		struct berth *berth = &home->berths[i];

		if (berth != guest_thread.berth && atomic_load(&berth->flies) && is_gone(berth)
		    && atomic_exchange(&berth->flies, 0))
			ledger_land(row);
	}
}

/*
 * From now on calls of ours begin with that share. What is counted falls with them, but not below
 * what those in flight have begun with; one without a berth keeps all of it counted. Whoever
 * begins while we look has changed the claim.
 */
void guest_pay_back(struct home *home, struct row *row, int share)
{
	uint32_t claim;
	int most = share, flying = 0;

	atomic_store(&home->share, share);
	claim = atomic_load(&row->claim);
	if (ledger_flights_in(claim) > (guest_thread.frame != 0))
		reap(home, row);
	claim = atomic_load(&row->claim);
	for (int i = 0; ledger_flights_in(claim) && i < GUEST_BERTHS; i++) {
		int of;

		if (!atomic_load(&home->berths[i].flies))
			continue;
		flying++;
		of = atomic_load(&home->berths[i].share);
		if (of > most)
			most = of;
	}
	if (flying < ledger_flights_in(claim) || most >= ledger_share_in(claim))
		return;
	atomic_compare_exchange_strong(&row->claim, &claim,
				       (uint32_t)most << LEDGER_SHARE_AT
					       | (uint32_t)ledger_flights_in(claim)
							 << LEDGER_FLIGHTS_AT);
}

int guest_crowd(struct home *home, const struct row *row)
{
	uint32_t now_ms = (uint32_t)ident_coarse_ms();
	int flights = row ? atomic_load(&((struct row *)row)->flights) : 0;
	int crowd = atomic_load(&home->crowding);

	if (flights > crowd)
		atomic_store(&home->crowding, crowd = flights);
	if (crowd > atomic_load(&home->crowd))
		atomic_store(&home->crowd, crowd);
	if (now_ms - atomic_load(&home->crowd_ms) < CROWD_MS)
		return atomic_load(&home->crowd);
	atomic_store(&home->crowd_ms, now_ms);
	atomic_store(&home->crowd, crowd);
	atomic_store(&home->crowding, flights);
	return crowd;
}

int guest_waiting(struct home *home)
{
	int waiting = 0;

	if (!guest_thread.berth || atomic_load(&guest_thread.berth->flies) <= BERTH_FLIES)
		return 0;
	for (int i = 0; i < GUEST_BERTHS; i++)
		waiting += &home->berths[i] != guest_thread.berth
			   && atomic_load(&home->berths[i].flies) > BERTH_FLIES;
	return waiting;
}
