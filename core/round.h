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

enum { ROUND_MS = 20 };

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

	return now_ms >= next || next > now_ms + 10 * ROUND_MS;
}

/* Lead the round if it is due and nobody else does. space: our pid namespace. */
bool round_lead(struct ledger *ledger, uint64_t now_ms, uint32_t space, struct round_room *room);

/* Have the next gate that anyone passes begin a round. */
static inline void round_hasten(struct ledger *ledger)
{
	atomic_store(&ledger->next_round_ms, 0);
	atomic_fetch_add(&ledger->generation, 1);
}

#endif
