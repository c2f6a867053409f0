/* SPDX-License-Identifier: MIT */
/*
 * Asked of systemd by busctl(1), which is where systemd is, so that we need no library of it. What
 * counts is what the kernel says afterwards: our group, and the quota in its cpu.max.
 */
#define _GNU_SOURCE
#include "cli/scope.h"

#include "cli/procfile.h"
#include "core/env.h"
#include "core/ident.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNIFIED "/sys/fs/cgroup"
#define SLICE   "ration.slice"
/* To call the user manager: a method, its signature and what that wants follow. */
#define CALL                                                                   \
	"busctl", "--user", "--timeout=5", "call", "org.freedesktop.systemd1", \
		"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

enum { WAIT_MS = 5000, LOOK_MS = 5 };

struct reason {
	char *text;
	size_t size;
};

static bool refuse(const struct reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(const struct reason *reason, const char *format, ...)
{
	va_list rest;

	va_start(rest, format);
	vsnprintf(reason->text, reason->size, format, rest);
	va_end(rest);
	return false;
}

/* Our group, as the unified hierarchy has it: "0::/user.slice/..." */
static bool own_group(char *group, size_t size)
{
	char text[4096], *line;

	if (!procfile_read("/proc/self/cgroup", text, sizeof text))
		return false;
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!line)
		return false;
	line += strcspn(line, "/");
	line[strcspn(line, "\n")] = '\0';
	return snprintf(group, size, "%s", line) < (int)size;
}

/* Hundredths of a CPU that a group's quota is; 0: it has none. */
static long quota_pct(const char *group)
{
	char path[PATH_MAX + 64], text[64];
	long quota, period;

	snprintf(path, sizeof path, UNIFIED "%s/cpu.max", group);
	if (!procfile_read(path, text, sizeof text) || sscanf(text, "%ld %ld", &quota, &period) != 2
	    || period <= 0)
		return 0;
	return quota * 100 / period;
}

/* A manager without it goes with the user's last session, and all that it runs, too. */
static bool lingers(void)
{
	const struct passwd *entry = getpwuid(getuid());
	char path[PATH_MAX];

	if (!entry)
		return false;
	snprintf(path, sizeof path, "/var/lib/systemd/linger/%s", entry->pw_name);
	return access(path, F_OK) == 0;
}

/* Where the user manager's own groups are, if it may divide CPU among them. */
static bool manager_group(char *group, size_t size, const struct reason *reason)
{
	char path[PATH_MAX], text[256];
	unsigned uid = (unsigned)getuid();

	snprintf(group, size, "/user.slice/user-%u.slice/user@%u.service", uid, uid);
	snprintf(path, sizeof path, UNIFIED "%s", group);
	if (access(UNIFIED "/cgroup.controllers", F_OK) != 0)
		return refuse(reason, "cgroup v2 is not what is mounted on " UNIFIED);
	if (access(path, F_OK) != 0)
		return refuse(reason, "no systemd user manager runs for uid %u", uid);
	snprintf(path, sizeof path, UNIFIED "%s/cgroup.controllers", group);
	if (!procfile_read(path, text, sizeof text))
		return refuse(reason, "%s: %s", path, strerror(errno));
	text[strcspn(text, "\n")] = '\0';
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		if (!strcmp(word, "cpu"))
			return lingers()
			       || refuse(reason,
					 "the systemd user manager ends commands at logout; "
					 "loginctl enable-linger lets it stay");
	return refuse(reason, "the systemd user manager has no cpu controller");
}

/* The environment for busctl: not our shim, nor what others preload; and the way to the bus. */
static char **surroundings(char *runtime)
{
	extern char **environ;
	static char self[] = ENV_SELF "=1";
	size_t count = 0, kept = 0;
	char **list;

	while (environ[count])
		count++;
	list = calloc(count + 3, sizeof *list);
	for (size_t i = 0; list && i < count; i++)
		if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0
		    && strncmp(environ[i], "XDG_RUNTIME_DIR=", 16) != 0
		    && strncmp(environ[i], "DBUS_SESSION_BUS_ADDRESS=", 25) != 0)
			list[kept++] = environ[i];
	if (list) {
		list[kept++] = runtime;
		list[kept] = self;
	}
	return list;
}

/* What it says, of which the last line counts, goes to said. 0 if it was done. */
static int run_busctl(char *const *args, char *said, size_t size)
{
	char runtime[64], **env;
	posix_spawn_file_actions_t files;
	int ends[2], status = -1;
	size_t filled = 0;
	ssize_t got;
	pid_t child;

	said[0] = '\0';
	snprintf(runtime, sizeof runtime, "XDG_RUNTIME_DIR=/run/user/%u", (unsigned)getuid());
	env = surroundings(runtime);
	if (!env || pipe2(ends, O_CLOEXEC) != 0) {
		free(env);
		return -errno;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, ends[1], 1);
	posix_spawn_file_actions_adddup2(&files, ends[1], 2);
	status = posix_spawnp(&child, args[0], &files, NULL, args, env);
	posix_spawn_file_actions_destroy(&files);
	free(env);
	close(ends[1]);
	while (!status && (got = read(ends[0], said + filled, size - 1 - filled)) > 0)
		filled += (size_t)got;
	close(ends[0]);
	said[filled] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (status) {
		snprintf(said, size, "%s: %s", args[0], strerror(status));
		return -status;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* A scope for us; all limits that we set are hundredths of a CPU, systemd's are us a second. */
static int ask_for_scope(const char *name, long pct, char *said, size_t size)
{
	char pid[16], quota[32];
	const char *args[] = {
		CALL,
		"StartTransientUnit",
		"ssa(sv)a(sa(sv))",
		name,
		"fail",
		"5",
		"Description",
		"s",
		"commands that ration keeps to a quota",
		"Slice",
		"s",
		SLICE,
		"CollectMode",
		"s",
		"inactive-or-failed",
		"CPUQuotaPerSecUSec",
		"t",
		quota,
		"PIDs",
		"au",
		"1",
		pid,
		"0",
		NULL,
	};

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	snprintf(quota, sizeof quota, "%ld", pct * 10000);
	return run_busctl((char *const *)args, said, size);
}

/* The slice there is by then. Nothing to do if it says so already. */
static int limit_slice(const char *manager, int together, char *said, size_t size)
{
	char group[PATH_MAX], quota[32];
	long pct = together ? together * 100L + SCOPE_SPARE_PCT : 0;
	const char *args[] = {
		CALL, "SetUnitProperties",  "sba(sv)", SLICE, "true",
		"1",  "CPUQuotaPerSecUSec", "t",       quota, NULL,
	};

	snprintf(group, sizeof group, "%.512s/" SLICE, manager);
	if (quota_pct(group) == pct)
		return 0;
	if (pct)
		snprintf(quota, sizeof quota, "%ld", pct * 10000);
	else
		snprintf(quota, sizeof quota, "%llu", ~0ull);
	return run_busctl((char *const *)args, said, size);
}

/* The answer comes before the deed. */
static bool wait_for(const char *name, long pct)
{
	static const struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };
	char group[PATH_MAX];

	for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
		const char *last = own_group(group, sizeof group) ? strrchr(group, '/') : NULL;

		if (last && !strcmp(last + 1, name) && quota_pct(group) == pct)
			return true;
		nanosleep(&look, NULL);
	}
	return false;
}

bool scope_enter(int cpus, int together, char *why, size_t size)
{
	const struct reason reason = { why, size };
	char name[64], group[PATH_MAX], manager[128], said[256];
	long pct = cpus * 100L + SCOPE_SPARE_PCT;

	if (!manager_group(manager, sizeof manager, &reason))
		return false;
	if (!own_group(group, sizeof group))
		return refuse(&reason, "/proc/self/cgroup does not tell our group");
	/* A scope is a leaf; to leave it for another one would be to leave its limit. */
	if (strstr(group, "/" SLICE "/ration-")) {
		if (quota_pct(group) && quota_pct(group) <= pct)
			return true;
		return refuse(&reason, "an outer ration has its scope already, which is larger");
	}
	snprintf(name, sizeof name, "ration-%llx.scope", (unsigned long long)ident_self());
	if (ask_for_scope(name, pct, said, sizeof said) != 0
	    || limit_slice(manager, together, said, sizeof said) != 0)
		return refuse(&reason, "systemd: %s", said);
	if (!wait_for(name, pct))
		return refuse(&reason, "systemd has made no scope with a quota of %ld%%", pct);
	return true;
}
