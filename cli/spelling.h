/* SPDX-License-Identifier: MIT */
/*
 * As which path the loader is told the library. Loaders put a word of their own for $LIB: on
 * Debian lib/x86_64-linux-gnu, and lib/i386-linux-gnu or lib32 that of 32-bit programs; lib64
 * and lib elsewhere (glibc 2.36, DL_DST_LIB). By each of them `make install` has the library,
 * or, for 32-bit programs, one without anything in it: they would warn of the other. Such a word
 * costs each exec a readlink(2) (glibc 2.36, which is after $ORIGIN), 20 us where the rest of
 * the library costs 60; and a sandbox may not allow it: so only where 32-bit programs run.
 */
#ifndef RATION_SPELLING_H
#define RATION_SPELLING_H

#include <limits.h>
#include <stdbool.h>

struct spelling {
	char path[PATH_MAX];   /* what the loader is told */
	char narrow[PATH_MAX]; /* the library of 32-bit programs; "": there is none */
};

/* Of a library at a true path (realpath), in a folder that trust_library has found good. */
void spelling_of(const char *library, struct spelling *spelling);

/* The same, without 32-bit programs. */
void spelling_plain(const char *library, struct spelling *spelling);

#endif
