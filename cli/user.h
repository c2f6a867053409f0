/* SPDX-License-Identifier: MIT */
/* What the configuration means for what the calling user starts, and the ledger is told of it. */
#ifndef RATION_USER_H
#define RATION_USER_H

#include <stdbool.h>
#include <stdint.h>

struct user {
	int online;          /* CPUs of the machine */
	int site, own;       /* cores that each says; 0: it says nothing */
	int cores;           /* the least of both */
	uint32_t generation; /* of the site's table (core/rules.h), its lower half */
	int fence;           /* enum conf_fence */
	bool exempt;
	bool locked;
	bool site_faulty, own_faulty; /* a file is bad: what was in force of it stays so */
	bool bound; /* locked by the site's own file: no variable leads to another ledger */
};

/* A bad file never stops a command; loud: it gets a line on stderr. */
struct user user_read(bool loud, int online);

/*
 * Tell the user's ledger, so that all his commands share these cores, and so that programs that
 * nobody begins with `ration` know what the user's own file says. Answers the cores that hold for
 * the command; 0: what the machine grants.
 */
int user_settle(const struct user *user, uint32_t ledger);

/* Tell it what the own file says, and nothing else. False: there is no ledger to be had. */
bool user_tell_own(const struct user *user, uint32_t ledger);

#endif
