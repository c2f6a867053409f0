/* SPDX-License-Identifier: MIT */
/* The user database, asked through libc: files, LDAP, whatever nsswitch.conf(5) says. */
#define _GNU_SOURCE
#include "conf/who.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int conf_who_calling(struct conf_who *who)
{
	int count = getgroups(0, NULL);

	*who = (struct conf_who){ .uid = geteuid() };
	if (count < 0)
		count = 0;
	who->groups = calloc((size_t)count + 1, sizeof *who->groups);
	if (!who->groups)
		return -ENOMEM;
	count = getgroups(count, who->groups);
	who->group_count = count < 0 ? 0 : count;
	who->groups[who->group_count++] = getegid();
	return 0;
}

static int fill(struct conf_who *who, const struct passwd *entry)
{
	int room = 64;

	who->uid = entry->pw_uid;
	who->name = strdup(entry->pw_name);
	who->home = strdup(entry->pw_dir);
	for (;;) {
		gid_t gid = entry->pw_gid, *more;

		more = reallocarray(who->groups, (size_t)room, sizeof *more);
		if (!more || !who->name || !who->home)
			return -ENOMEM;
		who->groups = more;
		who->group_count = room;
		if (getgrouplist(who->name, gid, more, &who->group_count) >= 0)
			return 0;
		room = who->group_count > room ? who->group_count : 2 * room;
	}
}

int conf_who_named(struct conf_who *who, const char *name)
{
	const struct passwd *entry = getpwnam(name);

	*who = (struct conf_who){ 0 };
	return entry ? fill(who, entry) : -ENOENT;
}

int conf_who_of(struct conf_who *who, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	*who = (struct conf_who){ .uid = uid };
	if (entry)
		return fill(who, entry);
	who->home = strdup("");
	return who->home ? 0 : -ENOMEM;
}

void conf_who_free(struct conf_who *who)
{
	free((char *)who->name);
	free((char *)who->home);
	free(who->groups);
	*who = (struct conf_who){ 0 };
}

const char *conf_who_name(struct conf_who *who)
{
	if (!who->name) {
		const struct passwd *entry = getpwuid(who->uid);

		who->name = strdup(entry ? entry->pw_name : "");
	}
	return who->name ? who->name : "";
}

bool conf_who_meant(struct conf_who *who, const struct conf_section *section)
{
	const struct group *entry;

	if (section->kind == CONF_DEFAULT)
		return true;
	if (section->kind == CONF_USER)
		return !strcmp(section->title, conf_who_name(who));
	entry = getgrnam(section->title);
	for (int i = 0; entry && i < who->group_count; i++)
		if (who->groups[i] == entry->gr_gid)
			return true;
	return false;
}

bool conf_who_id(const struct conf_section *section, uint32_t *id)
{
	const struct passwd *user = NULL;
	const struct group *group = NULL;

	*id = 0;
	if (section->kind == CONF_USER && (user = getpwnam(section->title)))
		*id = user->pw_uid;
	if (section->kind == CONF_GROUP && (group = getgrnam(section->title)))
		*id = group->gr_gid;
	return section->kind == CONF_DEFAULT || user || group;
}

bool conf_who_known(const struct conf_section *section)
{
	uint32_t id;

	return conf_who_id(section, &id);
}
