/* SPDX-License-Identifier: MIT */
/*
 * A picture of a user's ledger, taken without touching it: whoever looks changes nothing.
 * What a round would find out now, as who is busy, is worked out by the same rules.
 */
#ifndef RATION_CTL_ROWS_H
#define RATION_CTL_ROWS_H

#include "core/fence.h"
#include "core/ledger.h"

#include <sys/types.h>

enum rows_state { ROWS_BUSY, ROWS_IDLE, ROWS_DEAD };

struct rows_row {
	int pid;
	bool foreign;  /* of another pid namespace: its pid means nothing here */
	char name[16]; /* of the command; "": not known */
	enum rows_state state;
	bool calls; /* it claims its wish; if not, one core, for plain computing */
	uint64_t job;
	int job_cores, wish, target, share, load_pct;
	uint64_t age_ms;
	int waits;           /* cores that it was given, or needs, and has to wait for */
	int runtimes;        /* bits: enum runtime */
	int named, named_as; /* the variable that the wish was read from, and what it said */
};

struct rows {
	bool present; /* there is a ledger */
	uid_t uid;
	int budget; /* 0: nobody said yet */
	int granted, busy, overflow;
	int count;
	struct rows_row rows[LEDGER_ROWS]; /* by pid */
};

/*
 * A copy of the ledger of a user, to be freed. NULL: there is none, or it is not to be read, and
 * that has been said. uid: one's own, unless root asks.
 */
struct ledger *rows_copy(uid_t uid, uint32_t name);

/* The same of the user's fences. */
struct fences *rows_copy_fences(uid_t uid, uint32_t name);

void rows_read(struct rows *rows, uid_t uid, uint32_t name);

/* The uid of a name; NULL: the caller's. Dies if there is no such user, or it may not be. */
uid_t rows_user(const char *name);

/* "busy", "idle", "dead" */
const char *rows_state_text(enum rows_state state);

#endif
