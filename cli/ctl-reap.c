/* SPDX-License-Identifier: MIT */
/*
 * rationctl reap: clear the rows of the dead. Guests do the same whenever they need a row
 * or lead a round; this is for those who want a clean table now.
 */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "cli/say.h"
#include "conf/apart.h"
#include "core/ident.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* In a child that is the user: what it dies of is the user's own. */
static int reap(const void *name, void *room)
{
	struct ledger *ledger = ledger_open(*(const uint32_t *)name, false);

	(void)room;
	return ledger ? ledger_reap(ledger, ident_namespace()) : 0;
}

static int run(void)
{
	uint32_t name = ctl_ledger_name();
	int reaped = apart_run(rows_user(ctl_orders.user), reap, &name, NULL);

	if (reaped < 0)
		die(CTL_TROUBLE, "the ledger is not to be cleared: %s",
		    reaped == -ECHILD ? "its memory is not there" : strerror(-reaped));
	printf("%d dead row%s cleared\n", reaped, reaped == 1 ? "" : "s");
	return CTL_DONE;
}

const struct ctl_action ctl_reap = {
	.name = "reap",
	.summary = "clear the rows of guests that are dead",
	.help = "Says how many. Guests of another pid namespace are left alone: from here nobody\n"
		"can tell whether they live.\n",
	.options = CTL_USER,
	.run = run,
};
