/* SPDX-License-Identifier: MIT */
#ifndef RATION_CPULIST_H
#define RATION_CPULIST_H

#include "core/mask.h"

#include <stddef.h>

/* "0-3,8", as the kernel writes it; cut short by "..." if there is no room. Answers text. */
const char *cpulist_text(const struct mask *mask, char *text, size_t size);

#endif
