/* SPDX-License-Identifier: MIT */
/*
 * rationctl show: the budget that a command of this user would get now, and every value it
 * is made of, with its origin.
 */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"
#include "cli/ctl-view.h"
#include "cli/ctl.h"
#include "cli/say.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct view view;

static void put_ledger(uid_t uid)
{
	struct ledger *ledger;
	char value[16];

	if (uid != geteuid() && geteuid() != 0) {
		view_put("ledger", "-", "can be opened by its user and by root");
		return;
	}
	ledger = rows_copy(uid, ctl_ledger_name());
	snprintf(value, sizeof value, "%u", ledger ? atomic_load(&ledger->budget) : 0);
	if (ledger)
		view_put("ledger", value, "shared by the user's guests now");
	else
		view_put("ledger", "-", "no guest has come yet");
	free(ledger);
}

/* What programs go by that no `ration` begins. */
static void put_table(void)
{
	enum table_state state = table_state();

	view_put("table",
		 state == TABLE_CURRENT ? "yes"
		 : state == TABLE_OLD   ? "old"
					: "-",
		 "%s",
		 state == TABLE_NONE ? "not enabled: rationctl enable" : table_state_text(state));
}

static int run(void)
{
	const char *name = ctl_orders.operand;
	int error = name ? view_read_user(&view, name) : view_read(&view, 0);
	char value[16];

	if (error == -ENOENT)
		die(CTL_NO, "there is no user '%s'", name);
	if (error)
		die(CTL_TROUBLE, "%s", strerror(-error));
	snprintf(value, sizeof value, "%d", view.ceiling);
	view_put("budget", view.budget.exempt ? "-" : value,
		 view.budget.exempt ? "exempt: no limit, no shim" : "by %s",
		 view_limit_name(view.deciding));
	view_put("user", *conf_who_name(&view.who) ? conf_who_name(&view.who) : "-", "uid %u",
		 (unsigned)view.who.uid);
	view_put_limits(&view);
	view_put_keys(&view);
	put_table();
	put_ledger(view.who.uid);
	view_free(&view);
	return CTL_DONE;
}

const struct ctl_action ctl_show = {
	.name = "show",
	.operand = "[USER]",
	.summary = "show the budget of a user, and where each value comes from",
	.help = "A line each: WHAT VALUE FROM. The first is the budget, by the value that\n"
		"decides it: the machine, the cpuset, the affinity or a quota of this process,\n"
		"Slurm, the site's file, the user's own, RATION_CORES, or the job of a `ration`\n"
		"around it. Of another USER only what is configured can be told.\n",
	.run = run,
};
