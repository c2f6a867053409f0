/* SPDX-License-Identifier: MIT */
/*
 * rationctl reap: clear the rows of the dead. Guests do the same whenever they need a row
 * or lead a round; this is for those who want a clean table now.
 */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "core/ident.h"

#include <stdio.h>
#include <sys/shm.h>

static int run(void)
{
	struct ledger *ledger = rows_open(rows_user(ctl_orders.user), ctl_ledger_name());
	int reaped = 0;

	if (ledger) {
		reaped = ledger_reap(ledger, ident_namespace());
		shmdt(ledger);
	}
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
