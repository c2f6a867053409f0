/* SPDX-License-Identifier: MIT */
/*
 * Between two steps of its interpreter no operation of a Python program's first thread
 * is under way: there its runtimes can be told another share, as the program could tell
 * them itself. Whoever notices that it may have changed asks for it.
 */
#ifndef RATION_PYTHON_H
#define RATION_PYTHON_H

#include <stdbool.h>

/* Whether this process is a Python interpreter; looked up once, when a runtime is met. */
bool python_here(void);

/* Have the runtimes told anew when the first thread comes by a safe point next. */
void python_request(void);

/*
 * The same if the share may have changed. Workers of a runtime, and threads that the safe
 * point is not of, have never been told one, and ask for nothing.
 */
void python_notice(void);

/* Whenever this library locks something, that. */
struct elf;
void python_follow(const struct elf *elf);

/* At a safe point: an address that a module carries as a number. NULL: it is not imported. */
void *python_pointer(const char *module, const char *name);

/* At a safe point: what a module says of its version, for as long as it says so. NULL: nothing. */
const char *python_version(const char *module);

#endif
