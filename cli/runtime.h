/* SPDX-License-Identifier: MIT */
/* The names that people know the runtimes by. */
#ifndef RATION_RUNTIME_H
#define RATION_RUNTIME_H

#include "core/ledger.h"

/* Of the bit 1 << index of enum runtime, index 0 to RUNTIMES - 1. No spaces, no commas. */
const char *runtime_name(int index);

#endif
