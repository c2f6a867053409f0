/* SPDX-License-Identifier: MIT */
/*
 * What the site says of a program that no `ration` began, and that carries the shim because the
 * site has it so. The configuration is not read here, and nobody is asked: root has compiled it
 * to a table (core/rules.h), which is mapped, and the user's own file to the ledger.
 */
#ifndef RATION_RULING_H
#define RATION_RULING_H

#include "core/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * To be asked where a runtime is met, or the number of CPUs asked for. False: this program is left
 * alone, now and for good; but for a child that it forks and that becomes another user's.
 */
bool ruling_present(void);

/*
 * Cores of the user, after ruling_present; 0: nobody says anything, or begun by a `ration`, which
 * has seen to it, and the user is not locked.
 */
int ruling_cores(void);

/* Whether the variables of others are not heeded: what they may set could lead out. */
bool ruling_locked(void);

/* The ledger that the variables name; 0, the user's own, if the site's table locks them. */
uint32_t ruling_ledger(void);

/* A ledger has just been opened: it shall know the budget that holds here. */
void ruling_tell(struct ledger *ledger);

/* By whoever has led a round: has the table changed? Waits for nothing. */
void ruling_look(uint64_t now_ms);

/* In the child of a fork. */
void ruling_forked(void);

#endif
