/* SPDX-License-Identifier: MIT */
/*
 * Processes that were started together by one parent: workers that a pool spawned,
 * a shell put in the background, mpirun or xargs launched. Those that exec join the
 * ledger only when they have loaded a runtime, at different moments, while the first
 * of them may be about to begin a call of minutes.
 */
#ifndef RATION_FAMILY_H
#define RATION_FAMILY_H

#include "core/ledger.h"

enum { FAMILY_YOUNG_MS = 2000, FAMILY_MOST = 256 };

/*
 * How many other children of this parent are younger than FAMILY_YOUNG_MS, busy (as
 * one that loads its libraries is) and not yet in the ledger; at most FAMILY_MOST are
 * looked at. Reads /proc, some 10 us a child; only children of the parent's first
 * thread are seen.
 */
int family_pending(struct ledger *ledger, uint32_t space, int parent);

#endif
