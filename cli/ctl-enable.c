/* SPDX-License-Identifier: MIT */
/*
 * rationctl enable: the shim in every program of the site, or of login shells.
 * Tried before and after; until it has been, what was there before can come back without
 * starting a program, since by then no program may start any more.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/enabling.h"
#include "cli/follows.h"
#include "cli/place.h"
#include "cli/preload.h"
#include "cli/say.h"
#include "cli/spelling.h"
#include "cli/table.h"
#include "cli/trial.h"
#include "cli/trust.h"
#include "cli/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char problem[2 * PATH_MAX];

#define SNIPPET_OWN                                                         \
	"# What the user's own file says is told to the user's programs.\n" \
	"[ ! -x '%s' ] || '%s' apply --own >/dev/null 2>&1\n"

/*
 * In a login the library is tried before it is used: one that has been damaged since must
 * not lock anybody out. The loader ignores a missing one, but says so.
 */
static const char snippet[] =
	"# Written by `rationctl enable --login`; `rationctl disable` removes it.\n"
	"# Programs of a login shell keep to the core budgets of /etc/ration.conf: ration(7).\n"
	"%s"
	"_ration='%s'\n"
	"case \":${LD_PRELOAD-}:\" in\n"
	"*\"$_ration\"*) ;;\n"
	"*)\n"
	"	if [ \"$( (LD_PRELOAD=$_ration /bin/echo fine) 2>&1)\" = fine ]; then\n"
	"		export LD_PRELOAD=\"${LD_PRELOAD:+$LD_PRELOAD:}$_ration\"\n"
	"	fi ;;\n"
	"esac\n"
	"unset _ration\n";

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

	enabling_read(&file, PRELOAD_FILE);
	if (preload_names(file.text, spelling->path)) {
		say_line("%s names %s already", PRELOAD_FILE, spelling->path);
		place_free(&file);
		return;
	}
	text = preload_remove(file.text); /* one of another place */
	text = text ? preload_add(text, spelling->path) : NULL;
	if (!text)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	enabling_put(&file, text);
	settle(&file, trial_same(library, NULL, problem, sizeof problem));
	free(text);
	place_free(&file);
	say_line("%s names %s: in force for all programs that start from now on", PRELOAD_FILE,
		 spelling->path);
	warn_of(library, spelling);
}

/* The line that tells the own file, if the program for it is here and nobody else's to change. */
static char *own_line(const char *library)
{
	char path[PATH_MAX + 32], program[PATH_MAX], *line;

	snprintf(path, sizeof path, "%.*s/../../bin/rationctl",
		 (int)(strrchr(library, '/') - library), library);
	if (!realpath(path, program) || !trust_library(program, problem, sizeof problem)
	    || access(program, X_OK) != 0)
		return strdup("");
	return asprintf(&line, SNIPPET_OWN, program, program) < 0 ? NULL : line;
}

static void enable_login(const char *library, const struct spelling *spelling)
{
	char *text, *own = own_line(library);
	struct place_file file;

	enabling_read(&file, LOGIN_FILE);
	if (!own || asprintf(&text, snippet, own, spelling->path) < 0)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	free(own);
	enabling_put(&file, text);
	settle(&file, trial_snippet(LOGIN_FILE, spelling->path, problem, sizeof problem));
	free(text);
	place_free(&file);
	say_line("%s puts %s into LD_PRELOAD: in force for logins from now on", LOGIN_FILE,
		 spelling->path);
	warn_of(library, spelling);
}

static struct table_done done;

/* A table that was made for what then could not be enabled is nobody's. */
static void undo_table(void)
{
	if (done.created)
		table_remove(enabling_site.table);
}

/* First of all that is changed: no program that carries the library shall be without it. */
static void make_table(void)
{
	int error;

	atexit(undo_table);
	error = table_apply(&enabling_site, &done);
	if (error == -EINVAL)
		die(CTL_NO, "nothing has been changed: %s", done.problem);
	if (error)
		die(CTL_TROUBLE, "%s; nothing has been changed", done.problem);
}

/* What follows, and how a change of it will come into force. */
static void conclude(void)
{
	done.created = false;
	follows_tell(&enabling_site, &done);
	if (ctl_orders.root || !units_there())
		puts("after a change of " CONF_SITE_FILE ": rationctl apply");
	else if (!units_run(true))
		warn("systemctl could not enable ration-apply.path and .timer: after a change of "
		     "%s, run rationctl apply",
		     enabling_site.conf);
}

static int run_enable(void)
{
	struct spelling spelling;
	char library[PATH_MAX];

	if (ctl_orders.preload == ctl_orders.login)
		die(CTL_TROUBLE, "enable: give one of --login and --preload; 'rationctl enable "
				 "--help' tells the difference");
	enabling_begin();
	check_library(library, &spelling);
	make_table();
	if (ctl_orders.preload)
		enable_preload(library, &spelling);
	else
		enable_login(library, &spelling);
	conclude();
	return CTL_DONE;
}

const struct ctl_action ctl_enable = {
	.name = "enable",
	.operand = "[LIBRARY]",
	.options = CTL_PRELOAD | CTL_LOGIN | CTL_ROOT,
	.summary = "have all programs of the site keep to its budgets, without a prefix",
	.help = "For root. The configuration is compiled to " RULES_FILE "; a faulty one\n"
		"is refused. LIBRARY is tried in small programs before anything is changed, and\n"
		"after; where they do not do the same, all is put back. One of:\n"
		"  --login       " LOGIN_FILE ": programs of login shells\n"
		"  --preload     " PRELOAD_FILE ": every program, cron's and daemons' too\n",
	.run = run_enable,
};
