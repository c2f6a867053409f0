/* SPDX-License-Identifier: MIT */
/*
 * SysV shared memory of this user, found by a key made of the effective uid and a name. Another
 * user can hold a key before us: then the next one is tried, by all of ours. One who holds them
 * all keeps nobody from a segment without a key, which is found by its owner and creator. What is
 * not ours, not of the right size or with other permissions is never attached.
 */
#ifndef RATION_SEGMENT_H
#define RATION_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
	uint32_t family; /* the bits that all keys of its kind share */
	uint32_t room;   /* the lower bits, which are the user's */
	uint32_t salt;   /* other numbers for another layout */
	size_t size;     /* bytes */
	int mode;        /* permissions */
};

/* Its id; with create, made if there is none. -1: not to be had. */
int segment_find(const struct segment *segment, uint32_t name, bool create);

/*
 * The same without create, for who can do without it: it ends at the first key that is free, which
 * is where it would have been made, unless somebody else held that key at the time.
 */
int segment_peek(const struct segment *segment, uint32_t name);

/* Attached for reading and writing; with create, made if there is none. NULL: not to be had. */
void *segment_open(const struct segment *segment, uint32_t name, bool create);

#endif
