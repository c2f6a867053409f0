/* SPDX-License-Identifier: MIT */
/*
 * Whose sections apply: a user, and the groups he is in. Names are looked up only when a
 * section asks for them, for a lookup can mean a question to a directory server.
 */
#ifndef RATION_CONF_WHO_H
#define RATION_CONF_WHO_H

#include "conf/conf.h"

#include <stdint.h>

struct conf_who {
	uid_t uid;
	const char *name; /* NULL: not looked up yet; "": the uid has none */
	gid_t *groups;
	int group_count;
	const char *home; /* NULL: the caller's, from the environment */
};

/* The calling process: its effective uid, and the groups it has now. */
int conf_who_calling(struct conf_who *who);

/* A user by name, as he would log in. 0; -ENOENT: there is none; -ENOMEM. */
int conf_who_named(struct conf_who *who, const char *name);

/* The same of a uid, which may be nobody's: then only default is about it. */
int conf_who_of(struct conf_who *who, uid_t uid);

void conf_who_free(struct conf_who *who);

/* Not to be freed, and gone with who. "" if there is no name for the uid. */
const char *conf_who_name(struct conf_who *who);

/* Whether a section is about this user; default is about everyone. */
bool conf_who_meant(struct conf_who *who, const struct conf_section *section);

/* Whether a user or group of that name is known here at all. */
bool conf_who_known(const struct conf_section *section);

/* The same, and its uid or gid; of default 0. */
bool conf_who_id(const struct conf_section *section, uint32_t *id);

#endif
