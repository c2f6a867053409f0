/* SPDX-License-Identifier: MIT */
/* Who this process is, and what the site's table says of it. */
#ifndef RATION_SELF_H
#define RATION_SELF_H

#include "core/rules.h"

#include <stdbool.h>
#include <stdint.h>

enum { SELF_GROUPS = 64 };

struct self {
	bool filtered; /* under a filter of system calls, or that cannot be told */
	bool plays;    /* another user or group than it is */
	uint32_t uid;  /* the effective one */
	uint32_t groups[SELF_GROUPS + 1]; /* and the primary one */
	int group_count;                  /* 0: there are more */
};

/* By three system calls, which the loader has made as well: it opens, reads and closes a file. */
void self_read(struct self *self);

uint32_t self_uid(void); /* the effective one, asked anew */

/* rules_judge of it; stranger: the table's owner is nobody here. 0 or -errno. */
int self_judge(const struct self *self, const struct rules *rules, bool stranger,
	       struct rules_verdict *verdict);

/* The same of who asks now. */
int self_judge_now(const struct rules *rules, bool stranger, struct rules_verdict *verdict);

#endif
