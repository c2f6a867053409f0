/* SPDX-License-Identifier: MIT */
#ifndef RATION_ASIDE_H
#define RATION_ASIDE_H

#include <stdbool.h>

/*
 * Call fn on a stack of ours: what reads files needs room for their lines, and a guest may ask
 * on a signal stack or a thread's that have none to spare. false: no memory, and not called.
 */
bool aside_call(void (*fn)(void *data), void *data);

/* The same without a system call: where it lies ready, or else on the stack of the guest. */
void aside_try(void (*fn)(void *data), void *data);

#endif
