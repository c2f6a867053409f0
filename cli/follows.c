/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/follows.h"

#include "cli/machine.h"
#include "cli/say.h"
#include "conf/apply.h"

#include <stdio.h>
#include <unistd.h>

static const char *cores_text(int cores)
{
	static char text[32];

	snprintf(text, sizeof text, "%d core%s", cores, cores == 1 ? "" : "s");
	return text;
}

/* Sections that say how many cores some have; default is told by itself. */
static int count_others(const struct conf *conf, const struct conf_section **everyone)
{
	int others = 0;

	*everyone = NULL;
	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_section *section = &conf->sections[i];

		if (section->kind != CONF_DEFAULT)
			others += section->values[CONF_CORES].line
				  || section->values[CONF_EXEMPT].line;
		else if (section->values[CONF_CORES].line)
			*everyone = section;
	}
	return others;
}

/* Root is where machines are mended: whoever limits it shall know. */
static bool limits_root(const struct conf *conf)
{
	struct conf_found found[CONF_KEYS];
	struct conf_who root = { 0 };
	bool limited = false;

	if (conf_who_of(&root, 0) == 0) {
		conf_apply(conf, &root, machine_online(), found);
		limited = found[CONF_CORES].section && !found[CONF_EXEMPT].value.number;
	}
	conf_who_free(&root);
	return limited;
}

static void tell_cores(const struct conf *conf, const char *path)
{
	const struct conf_section *everyone;
	int others = count_others(conf, &everyone);

	if (everyone)
		printf("everyone: %s%s\n",
		       cores_text(conf_cores(everyone->values[CONF_CORES], machine_online())),
		       others ? ", but for those with sections of their own" : "");
	else if (others)
		printf("those with sections of their own have budgets, and nobody else\n");
	else
		say_line("%s limits nobody yet", path);
	if (limits_root(conf))
		puts("root too; to leave it out: user \"root\" { exempt = true }");
}

void follows_tell(const struct table_orders *orders, const struct table_done *done)
{
	struct conf conf;

	if (!done->there) {
		say_line("%s is not there: it limits nobody", orders->conf);
		return;
	}
	if (conf_read(&conf, orders->conf, CONF_FORM_SITE, geteuid()) == 0)
		tell_cores(&conf, orders->conf);
	conf_free(&conf);
	if (done->private)
		say_line(
			"%s or what it includes can be read by root alone; all go by %s, which all "
			"can read",
			orders->conf, orders->table);
}
