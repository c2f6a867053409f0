/* SPDX-License-Identifier: MIT */
/*
 * A quota is in force if any ancestor has it, and most programs look at none, or at
 * their own group only. No stdio: this runs in constructors of other people's programs.
 */
#define _GNU_SOURCE
#include "core/cpus.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CPUS_MAX = 8192, PATH_SIZE = 1024, LINE_SIZE = 2048 };

int cpus_online(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online > 0 ? (int)online : 1;
}

/* Of the first thread: another one that has bound itself speaks for itself, not for the process. */
int cpus_allowed(void)
{
	unsigned long mask[CPUS_MAX / 8 / sizeof(unsigned long)] = { 0 };
	int allowed = 0;

	if (sched_getaffinity(getpid(), sizeof mask, (cpu_set_t *)mask) != 0)
		return cpus_online();
	for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
		allowed += __builtin_popcountl(mask[i]);
	return allowed > 0 ? allowed : 1;
}

int cpus_of_quota(long quota_us, long period_us)
{
	if (quota_us <= 0 || period_us <= 0)
		return 0;
	quota_us /= period_us;
	if (quota_us < 1)
		return 1;
	return quota_us > INT_MAX ? INT_MAX : (int)quota_us;
}

/* FNV-1a, 64 bits. */
uint64_t cpus_name(uint64_t begun, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		begun = (begun ^ at[i]) * 0x100000001b3u;
	return begun;
}

struct lines {
	int fd;
	size_t filled;
	char text[LINE_SIZE];
};

/* The next line, without its end, into text; what is longer than LINE_SIZE is cut. */
static bool next_line(struct lines *lines, size_t *used)
{
	char *end;

	if (*used > 0) {
		lines->filled -= *used;
		memmove(lines->text, lines->text + *used, lines->filled);
	}
	while (!(end = memchr(lines->text, '\n', lines->filled))) {
		ssize_t got;

		if (lines->filled == LINE_SIZE - 1) { /* too long: its head is enough for us */
			end = lines->text + LINE_SIZE - 2;
			break;
		}
		got = read(lines->fd, lines->text + lines->filled, LINE_SIZE - 1 - lines->filled);
		if (got <= 0)
			return false;
		lines->filled += (size_t)got;
	}
	*end = '\0';
	*used = (size_t)(end - lines->text) + 1;
	return true;
}

static long read_numbers(const char *path, long *second)
{
	char text[64], *rest;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	long first;

	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return -1;
	text[length] = '\0';
	first = strtol(text, &rest, 10); /* "max 100000" gives 0: no quota */
	if (second)
		*second = strtol(rest, NULL, 10);
	return first;
}

static bool append(char *path, const char *tail)
{
	size_t length = strlen(path), more = strlen(tail);

	if (length + more >= PATH_SIZE)
		return false;
	memmove(path + length, tail, more + 1); /* cheaper to link than memcpy: see the Makefile */
	return true;
}

static int quota_at(char *path, bool unified)
{
	size_t length = strlen(path);
	long quota = -1, period = 0;

	if (unified && append(path, "/cpu.max")) {
		quota = read_numbers(path, &period);
	} else if (!unified && append(path, "/cpu.cfs_quota_us")) {
		quota = read_numbers(path, NULL);
		path[length] = '\0';
		if (quota > 0 && append(path, "/cpu.cfs_period_us"))
			period = read_numbers(path, NULL);
	}
	path[length] = '\0';
	return cpus_of_quota(quota, period);
}

/* From the group up to where its hierarchy is mounted: the smallest quota on the way. */
static int least_quota(const char *mount, const char *group, bool unified, uint64_t *where)
{
	char path[PATH_SIZE] = "";
	size_t top = strlen(mount);
	int least = 0;

	if (!append(path, mount) || !append(path, group))
		return 0;
	for (;;) {
		size_t length = strlen(path);
		int quota;

		while (length > top && path[length - 1] == '/')
			path[--length] = '\0';
		quota = quota_at(path, unified);
		if (quota > 0 && (!least || quota < least)) {
			least = quota;
			*where = cpus_name(CPUS_NAMELESS, path, length);
		}
		if (length <= top)
			return least;
		while (length > top && path[length - 1] != '/')
			path[--length] = '\0';
	}
}

static bool has_word(const char *list, size_t length, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = list; at + size <= list + length; at++)
		if (!memcmp(at, word, size) && (at == list || at[-1] == ',')
		    && (at + size == list + length || at[size] == ','))
			return true;
	return false;
}

/* Of version 1 of control groups, or of version 2. */
struct quota {
	char group[PATH_SIZE]; /* "/user.slice" */
	bool found, seen;      /* this process is in one; and it is mounted */
	int cores;             /* 0: none */
	uint64_t where;
};
enum { V1, V2, VERSIONS };

/* "4:cpu,cpuacct:/user.slice" or, unified, "0::/user.slice/session-1.scope" */
static void find_group(const char *line, struct quota quotas[VERSIONS])
{
	const char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
	bool unified = path && path == list + 1;
	struct quota *quota = &quotas[unified ? V2 : V1];

	if (quota->found || !path
	    || !(unified || has_word(list + 1, (size_t)(path - list - 1), "cpu")))
		return;
	*quota->group = '\0';
	quota->found = append(quota->group, path + 1);
}

static void find_groups(struct quota quotas[VERSIONS])
{
	struct lines lines = { .fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC) };
	size_t used = 0;

	while (!(quotas[V1].found && quotas[V2].found) && next_line(&lines, &used))
		find_group(lines.text, quotas);
	if (lines.fd >= 0)
		close(lines.fd);
}

static char *field(char *line, int number)
{
	for (; line && number > 0; number--) {
		line = strchr(line, ' ');
		if (line)
			line++;
	}
	return line;
}

/*
 * 31 23 0:26 /docker/4f2 /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
 * The root (4th) is the group that the mount point (5th) shows; after " - ", type and options.
 */
static bool match_mount(char *line, bool unified, char **root, char **mount)
{
	char *tail = strstr(line, " - "), *options;
	bool matches;

	if (!tail)
		return false;
	options = field(tail + 3, 2);
	if (unified)
		matches = !strncmp(tail + 3, "cgroup2 ", 8);
	else
		matches = !strncmp(tail + 3, "cgroup ", 7) && options
			  && has_word(options, strlen(options), "cpu");
	*root = field(line, 3);
	*mount = field(line, 4);
	if (!matches || !*root || !*mount || *mount > tail)
		return false;
	(*mount)[-1] = '\0';
	*(field(*mount, 1) - 1) = '\0'; /* there is " - " further on */
	return true;
}

static void look_at_mount(char *line, bool unified, struct quota *quota)
{
	char *root, *mount, *group = quota->group;

	if (!quota->found || quota->seen || !match_mount(line, unified, &root, &mount))
		return;
	quota->seen = true;
	/* A container without a cgroup namespace sees its path from the host's root. */
	if (strcmp(root, "/") != 0)
		group = !strncmp(group, root, strlen(root)) ? group + strlen(root)
							    : group + strlen(group);
	quota->cores = least_quota(mount, group, unified, &quota->where);
}

/* Each file once: this is what a program that asks for the number of CPUs pays for us. */
static void read_quotas(struct quota quotas[VERSIONS])
{
	struct lines lines = { .fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC) };
	struct quota *v1 = &quotas[V1], *v2 = &quotas[V2];
	size_t used = 0;

	while ((v1->found > v1->seen || v2->found > v2->seen) && next_line(&lines, &used)) {
		look_at_mount(lines.text, false, v1);
		look_at_mount(lines.text, true, v2);
	}
	if (lines.fd >= 0)
		close(lines.fd);
}

int cpus_quota_where(uint64_t *where)
{
	struct quota quotas[VERSIONS] = { { .where = CPUS_NAMELESS }, { .where = CPUS_NAMELESS } };
	const struct quota *least = &quotas[V2];

	find_groups(quotas);
	read_quotas(quotas);
	if (quotas[V1].cores && (!least->cores || quotas[V1].cores < least->cores))
		least = &quotas[V1];
	*where = least->where;
	return least->cores;
}

int cpus_quota(void)
{
	uint64_t unused;

	return cpus_quota_where(&unused);
}

int cpus_granted(void)
{
	int granted = cpus_online(), allowed = cpus_allowed(), quota = cpus_quota();

	if (allowed < granted)
		granted = allowed;
	return quota > 0 && quota < granted ? quota : granted;
}
