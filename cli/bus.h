/* SPDX-License-Identifier: MIT */
/*
 * A question to the user's own systemd, by busctl(1), which is where systemd is, so that we need no
 * library of it. Found by the user's number, whatever the environment says; without our shim.
 */
#ifndef RATION_BUS_H
#define RATION_BUS_H

#include <stddef.h>

/* busctl with its arguments, NULL at the end. The first line that it says goes to said; 0: done. */
int bus_call(const char *const *args, char *said, size_t size);

#endif
