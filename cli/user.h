/* SPDX-License-Identifier: MIT */
/* What the configuration means for what the calling user starts, and the ledger is told of it. */
#ifndef RATION_USER_H
#define RATION_USER_H

#include <stdbool.h>
#include <stdint.h>

struct user {
	int online;     /* CPUs of the machine */
	int cores;      /* configured; 0: nobody says anything */
	uint64_t stamp; /* of the files (stamp.h), from before they were read */
	int fence;      /* enum conf_fence */
	bool exempt;
	bool locked;
	bool bound;  /* locked by the site's own file: no variable leads to another ledger */
	bool faulty; /* a file is bad: what was in force stays so */
	bool hidden; /* the stamp does not tell of every change */
};

/* A bad file never stops a command; loud: it gets a line on stderr. */
struct user user_read(bool loud, int online);

/*
 * Tell the user's ledger, so that all his commands share these cores. Answers the cores
 * that hold for the command; 0: what the machine grants.
 */
int user_settle(const struct user *user, uint32_t ledger);

/*
 * The same on behalf of a guest, which is a program that no `ration` began: `ration
 * --resolve ONLINE`, with the CPUs that the guest sees. Answers an exit status.
 */
int user_resolve(const char *online, uint32_t ledger);

#endif
