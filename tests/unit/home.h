/* SPDX-License-Identifier: MIT */
/*
 * What the rest of the shim would say to the one file of it that a test includes: this process is
 * the guest, with a ledger and a home of its own.
 */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include "shim/guest.h"
#include "shim/ruling.h"
#include "tests/unit/seat.h"

struct home *guest_home;
struct ledger *guest_ledger;
_Atomic uint32_t guest_space;
_Thread_local struct guest_thread guest_thread;
atomic_int shim_state;

static struct home home;
static int home_cores = 6;

struct home *guest_home_made(void)
{
	return guest_home;
}

struct row *guest_own_row(struct home *of)
{
	return atomic_load(&of->row);
}

bool guest_is_forked(struct home *of)
{
	return atomic_load(&of->forked);
}

int guest_cores(void)
{
	return home_cores;
}

void ruling_look(uint64_t now_ms)
{
	(void)now_ms;
}

/* With so many cores; the first row is ours, and has a share. */
static inline struct row *home_begin(int budget, int share)
{
	struct row *row;

	seat_begin(budget);
	seat_now_ms = ident_now_ms();
	guest_ledger = seat_ledger;
	guest_space = SEAT_SPACE;
	guest_home = &home;
	home = (struct home){ .row = NULL };
	guest_thread = (struct guest_thread){ .until = 0 };
	row = seat_take(getpid(), budget, share);
	row->lands = 1;
	home.self = row->owner;
	home.row = row;
	home.share = share;
	return row;
}

#endif
