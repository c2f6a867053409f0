/* SPDX-License-Identifier: MIT */
/*
 * Who reads a variable: a runtime that will go by it, or anybody else (an interpreter for its
 * program, a launcher that hands it on, a program that compares it with an option), who shall
 * read what was set.
 */
#ifndef RATION_ASKER_H
#define RATION_ASKER_H

#include <stdbool.h>

/* Whether the code at caller is, or has in it, the runtime that this variable is for. */
bool asker_is_runtime(const char *name, const void *caller);

#endif
