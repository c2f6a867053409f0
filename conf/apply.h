/* SPDX-License-Identifier: MIT */
/*
 * From sections to what holds for one user, key by key: his own section before his
 * groups', these before default; of several groups the most generous. His own file can
 * lower his cores and nothing else.
 */
#ifndef RATION_CONF_APPLY_H
#define RATION_CONF_APPLY_H

#include "conf/conf.h"
#include "conf/who.h"
#include "core/rules.h"

#include <limits.h>

/* A value that holds, and the section that says so. NULL: nobody says anything. */
struct conf_found {
	const struct conf_section *section;
	struct conf_value value;
};

/* So many cores on a machine with so many CPUs online: at least 1. */
int conf_cores(struct conf_value value, int online);

/* found: one a key. */
void conf_apply(const struct conf *conf, struct conf_who *who, int online,
		struct conf_found found[CONF_KEYS]);

/* All that is configured for one user, and what is wrong with it. */
struct conf_budget {
	struct conf site, own;
	char site_path[PATH_MAX], own_path[PATH_MAX]; /* "": none is to be read */
	int site_error, own_error;                    /* of conf_read */
	struct conf_found found[CONF_KEYS];           /* in site */
	struct conf_found own_cores;                  /* in own */
	bool by_table;       /* that is what holds of the site; found says so where it differs */
	uint64_t generation; /* of the table, if there is one */
	struct conf_section table_section;
	char table_title[16];
	int site_cores; /* 0: nobody says anything */
	int cores;      /* the least of both; 0: nobody says anything */
	bool exempt, locked;
	enum conf_fence fence;
};

/*
 * Read site_file and the user's own file, and apply them. Where root has compiled the site's to the
 * table (core/rules.h), that is what holds for all programs, and so here: what differs in the file
 * is not in force yet, and has no line (-1). RATION_CONF in the environment names another site
 * file, or none if it is empty: for tests, and for trying a file out. It is not heeded in a program
 * with more rights than its caller, nor if the user is locked. A file that is bad is as if it were
 * not there, but for its error.
 */
void conf_budget_read(struct conf_budget *budget, const char *site_file, struct conf_who *who,
		      int online);
void conf_budget_free(struct conf_budget *budget);

#endif
