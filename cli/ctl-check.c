/* SPDX-License-Identifier: MIT */
/*
 * rationctl check: read a configuration as `ration` would, and tell what is wrong with it.
 * Only here are the names of all sections looked up: a command looks for its own user's.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/say.h"
#include "cli/table.h"
#include "conf/apply.h"
#include "core/env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_names(const struct conf *conf)
{
	int unknown = 0;

	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_section *section = &conf->sections[i];

		if (conf_who_known(section))
			continue;
		say_line("%s:%d: there is no %s \"%s\" here; correct the name, or remove the "
			 "section",
			 section->file, section->line,
			 section->kind == CONF_USER ? "user" : "group", section->title);
		unknown++;
	}
	return unknown;
}

/* What root alone can read limits root alone, unless it has been compiled for all. */
static bool check_modes(const struct conf *conf, const char *path, enum conf_form form)
{
	enum table_state state;

	if (form != CONF_FORM_SITE || strcmp(path, CONF_SITE_FILE) != 0 || !table_private(conf))
		return true;
	state = table_state();
	if (state == TABLE_CURRENT || state == TABLE_OLD)
		return true;
	say_line(
		"%s: it, or what it includes, can be read by root alone, so it limits nobody else: "
		"chmod a+r, or rationctl apply",
		path);
	return false;
}

static bool check(const char *path, enum conf_form form, uid_t owner, bool must_exist)
{
	struct conf conf;
	int error = conf_read(&conf, path, form, owner), unknown = 0;

	if (error == -ENOENT && must_exist)
		say_line("%s: there is no such file; correct the name", path);
	else if (error == -ENOENT)
		say_line("%s: not there; it limits nobody", path);
	else if (error)
		say_line("%s", conf.problem);
	else
		unknown = check_names(&conf);
	if (!error && !unknown && check_modes(&conf, path, form))
		say_line("%s: good; sections: %zu, files: %d", path, conf.count, conf.file_count);
	else if (!error)
		unknown++;
	conf_free(&conf);
	return error == -ENOENT ? !must_exist : !error && !unknown;
}

/* The files that hold for the caller, wherever they are. */
static bool check_all(void)
{
	static struct conf_budget budget;
	struct conf_who who;
	bool good = true;
	uid_t owner;

	if (conf_who_calling(&who) != 0)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	conf_budget_read(&budget, CONF_SITE_FILE, &who, 1);
	owner = strcmp(budget.site_path, CONF_SITE_FILE) ? geteuid() : 0;
	if (*budget.site_path)
		good = check(budget.site_path, CONF_FORM_SITE, owner, false);
	if (!strcmp(budget.site_path, CONF_SITE_FILE) && *table_state_text(table_state()))
		puts(table_state_text(table_state()));
	if (*budget.own_path)
		good &= check(budget.own_path, CONF_FORM_OWN, who.uid, false);
	conf_budget_free(&budget);
	conf_who_free(&who);
	return good;
}

static int run(void)
{
	const char *path = ctl_orders.operand;

	return (path ? check(path, CONF_FORM_SITE, geteuid(), true) : check_all()) ? CTL_DONE
										   : CTL_NO;
}

const struct ctl_action ctl_check = {
	.name = "check",
	.operand = "[FILE]",
	.summary = "tell what is wrong with a configuration",
	.help = "Without FILE, the site's and the caller's own. A finding is a line,\n"
		"FILE:LINE: what is wrong; what to write instead. Of each file the first\n"
		"fault is told; then the status is 1. And whether the table that programs go by\n"
		"is as new.\n",
	.run = run,
};
