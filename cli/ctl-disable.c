/* SPDX-License-Identifier: MIT */
/*
 * rationctl disable: what enable has done, taken back, also by one that an earlier enable did, or a
 * hand. Where the last way is closed the site's table goes, too.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/enabling.h"
#include "cli/preload.h"
#include "cli/say.h"
#include "cli/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the reverse order: first what names the library, and the library last, by whoever put it. */
static bool disable_preload(void)
{
	struct place_file file;
	bool changed;
	char *text;

	enabling_read(&file, PRELOAD_FILE);
	text = preload_remove(file.text);
	if (!text)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	changed = strcmp(text, file.text) != 0;
	if (changed) {
		enabling_put(&file, *text ? text : NULL);
		place_keep(&file);
		printf("%s names it no more\n", PRELOAD_FILE);
	} else {
		unlink(file.new); /* of one who was killed */
		unlink(file.old);
	}
	free(text);
	place_free(&file);
	return changed;
}

static bool disable_login(void)
{
	struct place_file file;
	bool there;

	enabling_read(&file, LOGIN_FILE);
	there = file.there;
	if (there) {
		enabling_put(&file, NULL);
		printf("%s is removed\n", LOGIN_FILE);
	}
	unlink(file.new);
	unlink(file.old);
	place_free(&file);
	return there;
}

/* Where nothing names the library any more, nobody goes by the table. */
static void end_table(void)
{
	struct place_file file;
	bool named = access(LOGIN_FILE, F_OK) == 0;
	char *text;
	int error;

	enabling_read(&file, PRELOAD_FILE);
	text = preload_remove(file.text);
	if (!text)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	named |= strcmp(text, file.text) != 0;
	free(text);
	place_free(&file);
	if (named)
		return;
	error = table_remove(enabling_site.table);
	if (error < 0)
		die(CTL_TROUBLE, "%s: %s", enabling_site.table, strerror(-error));
	if (!ctl_orders.root && units_there() && !units_run(false))
		warn("systemctl could not disable ration-apply.path and .timer");
}

static int run_disable(void)
{
	bool all = !ctl_orders.preload && !ctl_orders.login, changed = false;

	enabling_begin();
	if (all || ctl_orders.preload)
		changed |= disable_preload();
	if (all || ctl_orders.login)
		changed |= disable_login();
	end_table();
	puts(changed ? "programs that run keep it until they end" : "it was not enabled");
	return CTL_DONE;
}

const struct ctl_action ctl_disable = {
	.name = "disable",
	.options = CTL_PRELOAD | CTL_LOGIN | CTL_ROOT,
	.summary = "take back what enable has done",
	.help = "For root. Without an option, both of:\n"
		"  --login       remove " LOGIN_FILE "\n"
		"  --preload     remove our line in " PRELOAD_FILE ", and nothing else\n",
	.run = run_disable,
};
