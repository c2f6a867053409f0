/* SPDX-License-Identifier: MIT */
/*
 * What the configuration says of a program that no `ration` began, and that carries the
 * shim because the site has it so. A guest cannot read the configuration: it goes by the
 * ledger, and has that brought up to date by a short-lived `ration --resolve`.
 */
#ifndef RATION_RULING_H
#define RATION_RULING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * To be asked where a runtime is met, or the number of CPUs asked for, and nowhere else:
 * the first time may start a process. False: this program is left alone, now and for good.
 */
bool ruling_present(void);

/* Cores of the user, after ruling_present; 0: not known, or begun by a `ration`. */
int ruling_cores(void);

/* Once a second, by whoever has led a round: has the configuration changed? Waits for nothing. */
void ruling_look(uint64_t now_ms);

#endif
