/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/enabling.h"

#include "cli/ctl.h"
#include "cli/say.h"
#include "conf/conf.h"

#include <errno.h>
#include <nss.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct table_orders enabling_site = { .table = RULES_FILE, .conf = CONF_SITE_FILE };

void enabling_begin(void)
{
	char problem[PATH_MAX];
	sigset_t all;

	if (geteuid() != 0)
		die(CTL_TROUBLE, "root alone can change what all users run; try it with sudo");
	if (ctl_orders.root) {
		/* Nothing of what lies in there is run by us but what is to be tried. */
		__nss_configure_lookup("passwd", "files");
		__nss_configure_lookup("group", "files");
		if (chroot(ctl_orders.root) != 0 || chdir("/") != 0)
			die(CTL_TROUBLE, "--root=%s: %s", ctl_orders.root, strerror(errno));
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	umask(022);
	if (!table_lock(0, problem, sizeof problem)) /* held until we end */
		die(CTL_TROUBLE, "%s", problem);
}

void enabling_read(struct place_file *file, const char *path)
{
	int error = place_read(file, path);

	if (error == -ELOOP)
		die(CTL_TROUBLE, "%s: is a symbolic link; put the file itself there", path);
	if (error == -EINVAL)
		die(CTL_TROUBLE, "%s: is not plain text; mend it, or take it away", path);
	if (error)
		die(CTL_TROUBLE, "%s: %s", path, strerror(-error));
}

void enabling_put(struct place_file *file, const char *text)
{
	int error = place_put(file, text);

	if (error)
		die(CTL_TROUBLE, "%s: %s; nothing has been changed", file->path, strerror(-error));
}
