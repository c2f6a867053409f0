/* SPDX-License-Identifier: MIT */
/*
 * A round: one guest looks at the CPU clocks of all and divides the budget anew.
 * Nobody is appointed; whoever passes a gate when a round is due leads it, elected
 * by compare-and-swap. One who is killed while leading leaves a stale round.
 */
#ifndef RATION_ROUND_H
#define RATION_ROUND_H

#include "core/budget.h"
#include "core/ledger.h"

/*
 * Over any length of time there is at most one round per ROUND_MS. A hastened one takes
 * the place of those that would follow it: ROUND_EARLY_MS is how far that can go.
 */
enum { ROUND_MS = 20, ROUND_EARLY_MS = 60 };

/* Room to work in; one a process, guarded by the caller. */
struct round_room {
	struct budget_guest guests[LEDGER_ROWS];
	uint16_t row[LEDGER_ROWS];
	struct budget_room budget;
};

/* Whether the time has come. A next round too far ahead is garbage, and due. */
static inline bool round_due(struct ledger *ledger, uint64_t now_ms)
{
	uint64_t next = atomic_load_explicit(&ledger->next_round_ms, memory_order_relaxed);

	if (atomic_load_explicit(&ledger->hastened, memory_order_relaxed))
		now_ms += ROUND_EARLY_MS;
	return now_ms >= next || next > now_ms + 10 * ROUND_MS;
}

/* Lead the round if it is due and nobody else does. space: our pid namespace. */
bool round_lead(struct ledger *ledger, uint64_t now_ms, uint32_t space, struct round_room *room);

/* Have the next gate that anyone passes begin a round, if there were none too many. */
static inline void round_hasten(struct ledger *ledger)
{
	if (!atomic_exchange(&ledger->hastened, 1))
		atomic_fetch_add(&ledger->generation, 1);
}

/* Whether the shares are those of a round that began after that moment. */
static inline bool round_since(struct ledger *ledger, uint64_t moment_ms)
{
	return atomic_load(&ledger->round_ms) > moment_ms;
}

#endif
