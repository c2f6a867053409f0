/* SPDX-License-Identifier: MIT */
/*
 * The last step before the command: the shim is found, appended to LD_PRELOAD, and
 * told the job. Appended, because what a user preloads there may have to stay first, as a
 * sanitizer's runtime. Where such a runtime comes with the program, no preload may be before it.
 */
#define _GNU_SOURCE
#include "cli/run.h"

#include "cli/first.h"
#include "cli/say.h"
#include "core/env.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char shim_name[] = "libration.so";

/* Where our file is. Without /proc, by the name that we were begun by, not that we were called. */
static void find_self(char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	const char *begun = (const char *)getauxval(AT_EXECFN);

	path[length > 0 ? length : 0] = '\0';
	if (length <= 0 && (!begun || !realpath(begun, path)))
		path[0] = '\0';
}

/* Beside ourselves (a build), ../lib/ration (wherever installed), or as configured. */
static void find_shim(char *path, size_t size)
{
	char self[PATH_MAX], *slash;

	find_self(self);
	slash = strrchr(self, '/');
	if (slash) {
		*slash = '\0';
		snprintf(path, size, "%s/%s", self, shim_name);
		if (access(path, R_OK) == 0)
			return;
		snprintf(path, size, "%s/../lib/ration/%s", self, shim_name);
		if (access(path, R_OK) == 0)
			return;
	}
	snprintf(path, size, "%s/%s", RATION_LIBDIR, shim_name);
	if (access(path, R_OK) != 0)
		die(EXIT_OURS, "%s: %s; is ration installed whole? it belongs there or beside %s",
		    path, strerror(errno), program_invocation_name);
}

static void set_env(const char *name, const char *value)
{
	if (setenv(name, value, 1) != 0)
		die(EXIT_OURS, "cannot set %s: %s", name, strerror(errno));
}

static bool listed(const char *list, const char *path)
{
	size_t length = strlen(path);

	for (const char *at = list; (at = strstr(at, path)); at += length)
		if ((at == list || strchr(": ", at[-1]))
		    && (!at[length] || strchr(": ", at[length])))
			return true;
	return false;
}

/* A program that would end at once with the library (first.h), and is not told to bear it. */
static bool cannot_have(const char *command, const char *others)
{
	const char *options = getenv("ASAN_OPTIONS");

	return !(others && strstr(others, "asan"))
	       && !(options && strstr(options, "verify_asan_link_order=0"))
	       && first_is_taken(command);
}

static void preload(const struct run *run)
{
	const char *others = getenv("LD_PRELOAD");
	char shim[PATH_MAX + 64], real[PATH_MAX], *list;

	if (cannot_have(run->command[0], others)) {
		if (run->report)
			warn("%s is made with a sanitizer that has to be loaded first: it runs "
			     "without the library, see SANITIZERS in ration(7)",
			     run->command[0]);
		return;
	}
	find_shim(shim, sizeof shim);
	if (!realpath(shim, real))
		die(EXIT_OURS, "%s: %s", shim, strerror(errno));
	if (strpbrk(real, ": "))
		die(EXIT_OURS,
		    "%s: LD_PRELOAD cannot name a path with a colon or a space; "
		    "install ration elsewhere",
		    real);
	if (others && listed(others, real))
		return;
	if (asprintf(&list, "%s%s%s", others ? others : "", others && *others ? ":" : "", real) < 0)
		die(EXIT_OURS, "out of memory");
	set_env("LD_PRELOAD", list);
	free(list);
}

void run_exec(const struct run *run, const struct job *job)
{
	char text[64];
	int error;

	preload(run);
	snprintf(text, sizeof text, "%llx:%d:%d", (unsigned long long)job->id, job->cores,
		 job->record);
	set_env(ENV_JOB, text);
	unsetenv(ENV_FENCE); /* each variable costs each exec */
	if (job->watched || !job->fence_known) {
		snprintf(text, sizeof text, "%d:%llx", job->fence,
			 (unsigned long long)job->watched);
		set_env(ENV_FENCE, text);
	}
	if (run->reaped)
		signal(SIGCHLD, SIG_IGN);
	execvp(run->command[0], run->command);
	error = errno;
	die(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "%s: %s", run->command[0],
	    strerror(error));
}
