/* SPDX-License-Identifier: MIT */
/*
 * Like core/cpus.c, but for any process, naming the file that each limit comes from, and
 * through stdio. Every ancestor counts, in cgroup v1, v2, and both at once.
 */
#define _GNU_SOURCE
#include "cli/machine.h"

#include "core/clock.h"
#include "core/cpus.h"
#include "core/env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CPUS_MAX = 8192 };

/* Where the groups of one controller are, and which of them a process is in. */
struct place {
	char mount[PATH_MAX];
	char group[PATH_MAX];
	bool unified;
};

int machine_count(const char *list)
{
	int count = 0;

	while (*list >= '0' && *list <= '9') {
		char *rest;
		long first = strtol(list, &rest, 10), last = first;

		if (*rest == '-')
			last = strtol(rest + 1, &rest, 10);
		if (last < first || last >= CPUS_MAX)
			return 0;
		count += (int)(last - first) + 1;
		list = *rest == ',' ? rest + 1 : rest;
	}
	return *list == '\0' || *list == '\n' ? count : 0;
}

/* The first line of a file, without its end. Cut rather than composed: a path too long is none. */
static bool first_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, size, file);

	if (file)
		fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}

static int online_of(const char *root)
{
	char path[PATH_MAX], line[4096];
	int count = 0;

	snprintf(path, sizeof path, "%s/sys/devices/system/cpu/online", root);
	if (first_line(path, line, sizeof line))
		count = machine_count(line);
	if (count < 1)
		count = (int)sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : count;
}

void machine_unshim(void)
{
	setenv(ENV_SELF, "1", 1);
	sysconf(_SC_NPROCESSORS_ONLN); /* by which it wakes, and reads that */
	unsetenv(ENV_SELF);
	clock_settle();
}

int machine_online(void)
{
	return cpus_online();
}

/* Past libc, which the shim may answer for. 0 if there is no such process. */
static int allowed_of(pid_t pid)
{
	unsigned long mask[CPUS_MAX / 8 / sizeof(unsigned long)] = { 0 };
	int allowed = 0;

	if (syscall(SYS_sched_getaffinity, pid, sizeof mask, mask) < 0)
		return 0;
	for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
		allowed += __builtin_popcountl(mask[i]);
	return allowed;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, word, length) && (list[length] == ',' || !list[length]))
			return true;
	}
	return false;
}

/* "4:cpu,cpuacct:/user.slice" or, unified, "0::/user.slice/session-1.scope" */
static bool find_group(const char *root, pid_t pid, const char *controller, struct place *place)
{
	char path[PATH_MAX], line[PATH_MAX];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof path, "%s/proc/%d/cgroup", root, pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof line, file)) {
		char *list = strchr(line, ':'), *group = list ? strchr(list + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		found = place->unified ? !list[1] : has_word(list + 1, controller);
		snprintf(place->group, sizeof place->group, "%s", group);
	}
	if (file)
		fclose(file);
	return found;
}

/*
 * 31 23 0:26 /docker/4f2 /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
 * The root (4th) is the group that the mount point (5th) shows; after " - ", type and options.
 */
static bool match_mount(char *line, const char *controller, const char *root, struct place *place)
{
	char *tail = strstr(line, " - "), top[PATH_MAX], mount[PATH_MAX], type[32], options[1024];
	size_t length;

	line[strcspn(line, "\n")] = '\0';
	if (!tail || sscanf(line, "%*s %*s %*s %4095s %4095s", top, mount) != 2
	    || sscanf(tail + 3, "%31s %*s %1023s", type, options) != 2)
		return false;
	if (place->unified ? strcmp(type, "cgroup2") != 0
			   : strcmp(type, "cgroup") != 0 || !has_word(options, controller))
		return false;
	if (snprintf(place->mount, sizeof place->mount, "%s%s", root, mount)
	    >= (int)sizeof place->mount)
		return false;
	/* In a container without a cgroup namespace the path begins at the host's root. */
	length = strcmp(top, "/") ? strlen(top) : 0;
	if (strncmp(place->group, top, length) != 0 || !strcmp(place->group, "/"))
		*place->group = '\0';
	else
		memmove(place->group, place->group + length, strlen(place->group + length) + 1);
	return true;
}

static bool find_place(const char *root, pid_t pid, const char *controller, struct place *place)
{
	char path[PATH_MAX], line[4 * PATH_MAX];
	bool found = false;
	FILE *file;

	if (!find_group(root, pid, controller, place))
		return false;
	snprintf(path, sizeof path, "%s/proc/self/mountinfo", root);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof line, file))
		found = match_mount(line, controller, root, place);
	if (file)
		fclose(file);
	return found;
}

/* The group, its parent, and so on up to the mount. False: that was the last. */
static bool climb(struct place *place)
{
	char *slash = strrchr(place->group, '/');

	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* A file of the group, read; its path stays in path. */
static bool group_line(const struct place *place, const char *name, char *path, char *line,
		       int size)
{
	int length = snprintf(path, PATH_MAX, "%s%s/%s", place->mount, place->group, name);

	return length < PATH_MAX && first_line(path, line, size);
}

/* "max 100000" or "150000 100000"; v1 has a file for each. 0: no quota. */
static double quota_at(const struct place *place, char *path)
{
	double quota, period = 0;
	char line[64], *rest;

	if (place->unified) {
		if (!group_line(place, "cpu.max", path, line, sizeof line))
			return 0;
		quota = strtod(line, &rest);
		period = strtod(rest, NULL);
	} else {
		if (group_line(place, "cpu.cfs_period_us", path, line, sizeof line))
			period = strtod(line, NULL);
		if (!group_line(place, "cpu.cfs_quota_us", path, line, sizeof line))
			return 0;
		quota = strtod(line, NULL);
	}
	return quota > 0 && period > 0 ? quota / period : 0;
}

static void read_quota(struct machine *machine, struct place place)
{
	char path[PATH_MAX];

	do {
		double quota = quota_at(&place, path);

		if (quota <= 0 || (machine->quota_exact > 0 && machine->quota_exact <= quota))
			continue;
		machine->quota_exact = quota;
		machine->quota = quota < 1 ? 1 : (int)quota;
		memcpy(machine->quota_at, path, sizeof path);
	} while (climb(&place));
}

/* An empty cpuset.cpus in v2 means the parent's; the effective one is never empty. */
static void read_cpuset(struct machine *machine, const struct place *place)
{
	const char *name = place->unified ? "cpuset.cpus.effective" : "cpuset.effective_cpus";
	char line[4096];

	if (group_line(place, name, machine->cpuset_at, line, sizeof line))
		machine->cpuset = machine_count(line);
}

int machine_read(struct machine *machine, pid_t pid, const char *root)
{
	*machine = (struct machine){ .online = *root ? online_of(root) : machine_online(),
				     .allowed = allowed_of(pid) };
	if (!machine->allowed)
		return -ESRCH;
	for (int unified = 0; unified < 2; unified++) {
		struct place place = { .unified = unified };

		if (find_place(root, pid, "cpu", &place))
			read_quota(machine, place);
	}
	for (int unified = 1; unified >= 0 && !machine->cpuset; unified--) {
		struct place place = { .unified = unified };

		if (find_place(root, pid, "cpuset", &place))
			read_cpuset(machine, &place);
	}
	return 0;
}
