/* SPDX-License-Identifier: MIT */
/*
 * rationctl apply: what the configuration says now, for programs that nobody begins with `ration`.
 * Of the site's file root makes the table; what a user's own file says goes to the user's ledger.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/follows.h"
#include "cli/forgo.h"
#include "cli/machine.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/user.h"
#include "core/env.h"

#include <errno.h>
#include <nss.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_MS = 10000 /* for an enable that tries programs, while a unit calls us */ };

static struct table_done done;

static int apply_own(void)
{
	struct user user = user_read(true, machine_online());

	if (!user_tell_own(&user, ctl_ledger_name()))
		die(CTL_TROUBLE, "there is no ledger to be had: no shared memory");
	if (user.own_faulty)
		return CTL_NO;
	if (user.own)
		printf("%d by the own file: in force for programs that start from now on, and "
		       "within a second for those that run\n",
		       user.own);
	else
		puts("the own file says nothing");
	return CTL_DONE;
}

static void enter_root(void)
{
	if (!ctl_orders.root)
		return;
	/* Nothing of what lies in there is run by us. */
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("group", "files");
	if (chroot(ctl_orders.root) != 0 || chdir("/") != 0)
		die(CTL_TROUBLE, "--root=%s: %s", ctl_orders.root, strerror(errno));
}

static int apply_site(void)
{
	struct table_orders orders = { .table = ctl_orders.table ? ctl_orders.table : RULES_FILE,
				       .conf = ctl_orders.operand ? ctl_orders.operand
								  : CONF_SITE_FILE };
	int error;

	enter_root();
	umask(022);
	if (!ctl_orders.table && !table_lock(LOCK_MS, done.problem, sizeof done.problem))
		die(CTL_TROUBLE, "%s", done.problem);
	/* Root's files are root's to read and to write without any right besides. */
	if (!ctl_orders.table)
		forgo_rights(0);
	error = table_apply(&orders, &done);
	if (error == -EINVAL)
		die(CTL_NO, "nothing has been changed: %s", done.problem);
	if (error)
		die(CTL_TROUBLE, "%s; nothing has been changed", done.problem);
	if (done.changed)
		say_line("%s is made of %s: in force for programs that start from now on, and "
			 "within a second for those that run",
			 orders.table, orders.conf);
	else
		printf("%s says so already\n", orders.table);
	follows_tell(&orders, &done);
	return CTL_DONE;
}

static int run(void)
{
	if (ctl_orders.own && (ctl_orders.table || ctl_orders.operand || ctl_orders.root))
		die(CTL_TROUBLE, "apply: --own goes with nothing else");
	if (ctl_orders.own)
		return apply_own();
	if (geteuid() != 0 && !ctl_orders.table)
		die(CTL_TROUBLE, "root alone can change what all users run; try it with sudo, or "
				 "with --own for your own file");
	return apply_site();
}

const struct ctl_action ctl_apply = {
	.name = "apply",
	.operand = "[FILE]",
	.options = CTL_OWN | CTL_TABLE | CTL_ROOT,
	.summary = "put a changed configuration in force",
	.help = "For root: compile " CONF_SITE_FILE ", or FILE, to " RULES_FILE ",\n"
		"by which all programs go that carry the shim. A fault changes nothing.\n"
		"  --own         for anyone: the budget of one's own file\n"
		"  --table=TABLE  write it there\n",
	.run = run,
};
