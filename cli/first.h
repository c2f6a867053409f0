/* SPDX-License-Identifier: MIT */
/*
 * Programs that another library has to be the first of: AddressSanitizer ends a program that has a
 * preload before it ("ASan runtime does not come first in initial library list").
 */
#ifndef RATION_FIRST_H
#define RATION_FIRST_H

#include <stdbool.h>

/* Whether a command, as execvp(3) would find it, is such a program, or a script for one. */
bool first_is_taken(const char *command);

#endif
