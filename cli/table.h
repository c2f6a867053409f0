/* SPDX-License-Identifier: MIT */
/*
 * The site's table (core/rules.h) as the commands handle it: root compiles the configuration to
 * it, everyone can tell whether it still says the same.
 */
#ifndef RATION_TABLE_H
#define RATION_TABLE_H

#include "conf/conf.h"
#include "core/rules.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum table_state {
	TABLE_NONE,    /* there is none: nobody has enabled anything */
	TABLE_CURRENT, /* it says what its sources say */
	TABLE_OLD,     /* they have changed since */
	TABLE_BAD,     /* it is of another version, damaged, or not root's alone: nobody heeds it */
};

/* As far as the caller can read: of the configuration, what it is made of; or else its times. */
enum table_state table_state(void);

/* A line for people; "" for TABLE_NONE. */
const char *table_state_text(enum table_state state);

/* Whether any of what was read is root's alone to read: for all who only have the files. */
bool table_private(const struct conf *conf);

struct table_orders {
	const char *table; /* where */
	const char *conf;  /* the configuration; that it is not there limits nobody */
	bool try;          /* only look what would follow, and change nothing */
};

struct table_done {
	size_t rules;
	bool there;   /* there is a configuration */
	bool private; /* root alone can read it */
	bool changed; /* it did not say so before */
	bool created; /* there was none before */
	char problem[2 * PATH_MAX];
};

/*
 * Compile the configuration to the table, in its place, for all who have mapped it. 0; -EINVAL: the
 * configuration is faulty, another -errno: it cannot be written; then problem says so, and what was
 * in force stays.
 */
int table_apply(const struct table_orders *orders, struct table_done *done);

/* There shall be none; guests that have mapped it keep what they have. 1: done, 0: none, -errno. */
int table_remove(const char *path);

/* Held until this process ends, by root alone; waited for. False: problem says why not. */
bool table_lock(int wait_ms, char *problem, size_t size);

#endif
