/* SPDX-License-Identifier: MIT */
/* What the configuration means for a command that the calling user starts. */
#ifndef RATION_USER_H
#define RATION_USER_H

#include <stdbool.h>
#include <stdint.h>

struct user {
	int cores; /* configured; 0: nobody says anything */
	bool exempt;
	bool locked;
	bool faulty; /* a file is bad: what was in force stays so */
};

/* A bad file never stops a command; loud: it gets a line on stderr. */
struct user user_read(bool loud);

/*
 * Tell the user's ledger, so that all his commands share these cores. Answers the cores
 * that hold for the command; 0: what the machine grants.
 */
int user_settle(const struct user *user, uint32_t ledger);

#endif
