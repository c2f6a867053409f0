/* SPDX-License-Identifier: MIT */
/* Who this process is, and what the site's table says of it. */
#ifndef RATION_SELF_H
#define RATION_SELF_H

#include "core/rules.h"

#include <stdbool.h>
#include <stdint.h>

uint32_t self_uid(void); /* the effective one */

/* Whether it is under a filter of system calls, or that cannot be told. */
bool self_filtered(void);

/* Whether it plays another user or group than it is. */
bool self_plays(void);

/* rules_judge of it; stranger: the table's owner is nobody here. 0 or -errno. */
int self_judge(const struct rules *rules, bool stranger, struct rules_verdict *verdict);

#endif
