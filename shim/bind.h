/* SPDX-License-Identifier: MIT */
#ifndef RATION_SHIM_BIND_H
#define RATION_SHIM_BIND_H

#include <stdbool.h>

/* Whether the calling thread is inside a raised fence. In a visit that is welcome. */
bool bind_is_fenced(void);

#endif
