/* SPDX-License-Identifier: MIT */
/*
 * Where systemd runs the machine, units of ours call `rationctl apply`: when the configuration
 * changes, and from time to time, as what a directory server says changes no file.
 */
#ifndef RATION_UNITS_H
#define RATION_UNITS_H

#include <stdbool.h>

/* Whether they are here, and systemd runs. */
bool units_there(void);

/* Have them run, now and after each boot; or not. False: systemctl(1) could not. */
bool units_run(bool run);

#endif
