/* SPDX-License-Identifier: MIT */
/*
 * Put a file in the place of another so that at every moment, also after a crash, one of
 * the two is there, whole; and be able to take that back without disk space, and without
 * starting a program.
 */
#ifndef RATION_PLACE_H
#define RATION_PLACE_H

#include <limits.h>
#include <stdbool.h>

enum { PLACE_BYTES = 1 << 20 };

struct place_file {
	const char *path;
	char *text; /* what stood there; "" if nothing */
	bool there; /* there was a file */
	int mode;
	char old[PATH_MAX], new[PATH_MAX]; /* beside it, while it is changed */
};

/* 0 or -errno; -ELOOP: a symbolic link, -EINVAL: no text. */
int place_read(struct place_file *file, const char *path);
void place_free(struct place_file *file);

/* NULL: have no file there. 0 or -errno, and then nothing has changed. */
int place_put(struct place_file *file, const char *text);

/* After place_put, one of the two: what was there comes back, or is given up. */
int place_restore(struct place_file *file);
void place_keep(struct place_file *file);

#endif
