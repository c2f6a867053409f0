/* SPDX-License-Identifier: MIT */
/*
 * rationctl enable, disable: the shim in every program of the site, or of login shells.
 * Tried before and after; until it has been, what was there before can come back without
 * starting a program, since by then no program may start any more.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/place.h"
#include "cli/preload.h"
#include "cli/say.h"
#include "cli/spelling.h"
#include "cli/trial.h"
#include "cli/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRELOAD_FILE "/etc/ld.so.preload"
#define LOGIN_FILE   "/etc/profile.d/ration.sh"

static char problem[2 * PATH_MAX];

/*
 * In a login the library is tried before it is used: one that has been damaged since must
 * not lock anybody out. The loader ignores a missing one, but says so.
 */
static const char snippet[] =
	"# Written by `rationctl enable --login`; `rationctl disable` removes it.\n"
	"# Programs of a login shell keep to the core budgets of /etc/ration.conf: ration(7).\n"
	"_ration='%s'\n"
	"case \":${LD_PRELOAD-}:\" in\n"
	"*\"$_ration\"*) ;;\n"
	"*)\n"
	"	if [ \"$( (LD_PRELOAD=$_ration /bin/echo fine) 2>&1)\" = fine ]; then\n"
	"		export LD_PRELOAD=\"${LD_PRELOAD:+$LD_PRELOAD:}$_ration\"\n"
	"	fi ;;\n"
	"esac\n"
	"unset _ration\n";

/* One at a time, uninterrupted; in the root that was named, as if there were no other. */
static void prepare(void)
{
	sigset_t all;
	int etc;

	if (geteuid() != 0)
		die(CTL_TROUBLE, "root alone can change what all users run; try it with sudo");
	if (ctl_orders.root && (chroot(ctl_orders.root) != 0 || chdir("/") != 0))
		die(CTL_TROUBLE, "--root=%s: %s", ctl_orders.root, strerror(errno));
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	umask(022);
	etc = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (etc < 0)
		die(CTL_TROUBLE, "/etc: %s", strerror(errno));
	if (flock(etc, LOCK_EX | LOCK_NB) != 0) /* held until we end */
		die(CTL_TROUBLE, "another rationctl is at it; wait for it to end");
}

static void read_or_die(struct place_file *file, const char *path)
{
	int error = place_read(file, path);

	if (error == -ELOOP)
		die(CTL_TROUBLE, "%s: is a symbolic link; put the file itself there", path);
	if (error == -EINVAL)
		die(CTL_TROUBLE, "%s: is not plain text; mend it, or take it away", path);
	if (error)
		die(CTL_TROUBLE, "%s: %s", path, strerror(-error));
}

/* Beside this program (../lib/ration), as configured, or as packages have it. */
static void find_library(char path[PATH_MAX])
{
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
	const char *const places[] = { ctl_orders.operand, own, RATION_LIBDIR "/" PRELOAD_LIBRARY,
				       "/usr/lib/ration/" PRELOAD_LIBRARY };
	char *slash;

	own[length > 0 ? length : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		snprintf(slash, sizeof own - (size_t)(slash - own), "/../lib/ration/%s",
			 PRELOAD_LIBRARY);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (places[i] && realpath(places[i], path))
			return;
		if (i == 0 && places[i])
			die(CTL_TROUBLE, "%s: %s", places[i], strerror(errno));
	}
	die(CTL_TROUBLE, "there is no " RATION_LIBDIR "/" PRELOAD_LIBRARY
			 "; install ration, or name the library");
}

static void check_library(char path[PATH_MAX], struct spelling *spelling)
{
	find_library(path);
	if (strcmp(strrchr(path, '/') + 1, PRELOAD_LIBRARY) != 0)
		die(CTL_TROUBLE, "%s: is not called " PRELOAD_LIBRARY ", by which disable knows it",
		    path);
	if (!trust_library(path, problem, sizeof problem) || !trial_begin(problem, sizeof problem)
	    || !trial_same(path, path, problem, sizeof problem))
		die(CTL_TROUBLE, "nothing has been changed: %s", problem);
	spelling_of(path, spelling);
	if (!trial_same(path, spelling->path, problem, sizeof problem))
		spelling_plain(path, spelling);
}

static void warn_of(const char *library, const struct spelling *spelling)
{
	if (!trust_sealed(library) || (*spelling->narrow && !trust_sealed(spelling->narrow)))
		warn("%s has been stripped or edited: cut off, it would stop every program; "
		     "install it as it was built",
		     trust_sealed(library) ? spelling->narrow : library);
	if (access("/lib/ld-linux.so.2", F_OK) == 0
	    && !(*spelling->narrow && trial_narrow(spelling->narrow, spelling->path)))
		warn("32-bit programs run here without it, and the loader writes so to their "
		     "standard error; see ration(7)");
}

static void put_or_die(struct place_file *file, const char *text)
{
	int error = place_put(file, text);

	if (error)
		die(CTL_TROUBLE, "%s: %s; nothing has been changed", file->path, strerror(-error));
}

static void settle(struct place_file *file, bool good)
{
	if (good) {
		place_keep(file);
		return;
	}
	if (place_restore(file) != 0)
		die(CTL_TROUBLE, "%s: cannot be put back (%s): remove our line in it at once; %s",
		    file->path, strerror(errno), problem);
	die(CTL_TROUBLE, "%s is as it was: %s", file->path, problem);
}

static void enable_preload(const char *library, const struct spelling *spelling)
{
	struct place_file file;
	char *text;

	read_or_die(&file, PRELOAD_FILE);
	if (preload_names(file.text, spelling->path)) {
		printf("%s names %s already\n", PRELOAD_FILE, spelling->path);
		place_free(&file);
		return;
	}
	text = preload_remove(file.text); /* one of another place */
	text = text ? preload_add(text, spelling->path) : NULL;
	if (!text)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	put_or_die(&file, text);
	settle(&file, trial_same(library, NULL, problem, sizeof problem));
	free(text);
	place_free(&file);
	printf("%s names %s: in force for all programs that start from now on\n", PRELOAD_FILE,
	       spelling->path);
	warn_of(library, spelling);
}

static void enable_login(const char *library, const struct spelling *spelling)
{
	struct place_file file;
	char *text;

	read_or_die(&file, LOGIN_FILE);
	if (asprintf(&text, snippet, spelling->path) < 0)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	put_or_die(&file, text);
	settle(&file, trial_snippet(LOGIN_FILE, spelling->path, problem, sizeof problem));
	free(text);
	place_free(&file);
	printf("%s puts %s into LD_PRELOAD: in force for logins from now on\n", LOGIN_FILE,
	       spelling->path);
	warn_of(library, spelling);
}

static int run_enable(void)
{
	struct spelling spelling;
	char library[PATH_MAX];

	if (ctl_orders.preload == ctl_orders.login)
		die(CTL_TROUBLE, "enable: give one of --login and --preload; 'rationctl enable "
				 "--help' tells the difference");
	prepare();
	check_library(library, &spelling);
	if (ctl_orders.preload)
		enable_preload(library, &spelling);
	else
		enable_login(library, &spelling);
	return CTL_DONE;
}

/* In the reverse order: first what names the library, and the library last, by whoever put it. */
static bool disable_preload(void)
{
	struct place_file file;
	bool changed;
	char *text;

	read_or_die(&file, PRELOAD_FILE);
	text = preload_remove(file.text);
	if (!text)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	changed = strcmp(text, file.text) != 0;
	if (changed) {
		put_or_die(&file, *text ? text : NULL);
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

	read_or_die(&file, LOGIN_FILE);
	there = file.there;
	if (there) {
		put_or_die(&file, NULL);
		printf("%s is removed\n", LOGIN_FILE);
	}
	unlink(file.new);
	unlink(file.old);
	place_free(&file);
	return there;
}

static int run_disable(void)
{
	bool all = !ctl_orders.preload && !ctl_orders.login, done = false;

	prepare();
	if (all || ctl_orders.preload)
		done |= disable_preload();
	if (all || ctl_orders.login)
		done |= disable_login();
	puts(done ? "programs that run keep it until they end" : "it was not enabled");
	return CTL_DONE;
}

const struct ctl_action ctl_enable = {
	.name = "enable",
	.operand = "[LIBRARY]",
	.options = CTL_PRELOAD | CTL_LOGIN | CTL_ROOT,
	.summary = "have all programs of the site keep to its budgets, without a prefix",
	.help = "For root. LIBRARY is tried in small programs before anything is changed, and\n"
		"after; where they do not do the same, all is put back. One of:\n"
		"  --login       " LOGIN_FILE ": programs of login shells\n"
		"  --preload     " PRELOAD_FILE ": every program, cron's and daemons' too\n",
	.run = run_enable,
};

const struct ctl_action ctl_disable = {
	.name = "disable",
	.options = CTL_PRELOAD | CTL_LOGIN | CTL_ROOT,
	.summary = "take back what enable has done",
	.help = "For root. Without an option, both of:\n"
		"  --login       remove " LOGIN_FILE "\n"
		"  --preload     remove our line in " PRELOAD_FILE ", and nothing else\n",
	.run = run_disable,
};
