/* SPDX-License-Identifier: MIT */
/*
 * granted NAME: watches the ledger of that name until its input ends. Then says by how many
 * threads the busy guests ever held more than the budget, or than one each if they were more, and
 * how many were busy at most. What a call of a quarter of a second and more was begun with counts
 * as what its guest may have now: it cannot be shrunk, and nobody waits longer for it. Two looks
 * that agree are one moment, others are thrown away. Not a victim but a witness.
 */
#define _GNU_SOURCE
#include "core/ident.h"
#include "core/ledger.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONG_MS = 250 };

struct look {
	int held, busy;
	uint64_t mark; /* of who holds what */
};

static int held_by(struct row *row, uint64_t now_ms)
{
	int share = row->share, due = row->target > 1 ? row->target : 1;

	return share > due && (uint16_t)(now_ms - row->gate_ms) >= LONG_MS ? due : share;
}

static struct look look_at(struct ledger *ledger, uint64_t now_ms)
{
	struct look look = { 0, 0, 0 };

	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = row->owner;
		int share = held_by(row, now_ms);

		if (!owner || !row->busy || !ident_alive(owner))
			continue;
		look.held += share;
		look.busy++;
		look.mark = (look.mark ^ owner ^ (uint64_t)share << 48) * 1099511628211u;
	}
	return look;
}

/* For whoever has to find out how it came. */
static void describe(struct ledger *ledger)
{
	uint64_t now_ms = ident_now_ms();

	fprintf(stderr, "%lu: round %ld ms ago\n", (unsigned long)now_ms,
		(long)(now_ms - ledger->round_ms));
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		if (row->owner && row->busy)
			fprintf(stderr,
				"%d: share %d, target %d, gate %d, arrived %d, quiet %d ms\n",
				ident_pid(row->owner), row->share, row->target,
				(uint16_t)(now_ms - row->gate_ms),
				(int)((uint32_t)now_ms - row->arrived_ms), (int)row->quiet_ms);
	}
}

int main(int argc, char **argv)
{
	struct ledger *ledger =
		ledger_open(argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, true);
	struct pollfd input = { .fd = 0, .events = POLLIN };
	int excess = 0, busy = 0, looks = 0;

	while (ledger && poll(&input, 1, 1) == 0) {
		uint64_t now_ms = ident_now_ms();
		struct look look = look_at(ledger, now_ms), again = look_at(ledger, now_ms);
		int budget = (int)ledger->budget;
		int most = budget > look.busy ? budget : look.busy;

		if (look.mark != again.mark || look.busy != again.busy || !budget)
			continue;
		looks++;
		if (look.held - most > excess) {
			excess = look.held - most;
			describe(ledger);
		}
		if (look.busy > busy)
			busy = look.busy;
	}
	if (looks)
		printf("above %d busy %d\n", excess, busy);
	return !looks;
}
