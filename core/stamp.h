/* SPDX-License-Identifier: MIT */
/*
 * Whether the configuration's files have changed, told from outside: a guest cannot read
 * them, but it can look at them. Where they are is said by the same variables that
 * conf/apply.c goes by. A stamp is of two halves: the site's files, and the user's own.
 */
#ifndef RATION_STAMP_H
#define RATION_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Values of the environment; NULL: not set. */
struct stamp_names {
	const char *other;  /* RATION_CONF */
	const char *config; /* XDG_CONFIG_HOME */
	const char *home;   /* HOME */
};

/* The user's own half says nothing if his home is not known. Never 0. */
uint64_t stamp_read(const struct stamp_names *names);

/* Not to look at the own file: it may be on a server that does not answer. */
uint64_t stamp_read_site(const struct stamp_names *names);

/* Whether nothing has changed, as far as both can tell. */
bool stamp_same(uint64_t stamp, uint64_t other);

#endif
