/* SPDX-License-Identifier: MIT */
/*
 * The text of /etc/ld.so.preload: libraries, separated by white space or colons; # begins
 * a comment (glibc 2.36, elf/rtld.c). What is not ours stays as it is, byte for byte, and
 * removing undoes adding exactly.
 */
#ifndef RATION_PRELOAD_H
#define RATION_PRELOAD_H

#include <stdbool.h>

#define PRELOAD_LIBRARY "libration.so"

/* Whether the text names that library. */
bool preload_names(const char *text, const char *path);

/* To be freed; NULL: no memory. Removing takes every path to a libration.so. */
char *preload_add(const char *text, const char *path);
char *preload_remove(const char *text);

#endif
