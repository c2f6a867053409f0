/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/orphans.h"

#include "cli/owner.h"
#include "cli/procfile.h"
#include "core/ident.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	LIST_SIZE = 1 << 20, /* of pids as text: some 130 000 */
	ENVIRONMENT_SIZE = 1 << 17,
	ASKED_MOST = 500,  /* in a look: 15 us each, for those that are not plainly another's */
	SEEN_MOST = 20000, /* 0.4 us each */
};

static const double look_part = 0.004, due_most_s = 8;

/* A look's list, and the same as a set. Pages that are not touched take no memory. */
struct look {
	char list[LIST_SIZE];
	uint8_t set[1 << (IDENT_PID_BITS - 3)];
};
static struct look looks[2];

static double clock_s(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool has(const struct look *look, pid_t pid)
{
	return look->set[pid / 8] >> (pid % 8) & 1;
}

/* The next of a list, behind *at; 0: that was all. */
static pid_t next(char **at)
{
	char *end;
	long pid = strtol(*at, &end, 10);

	if (end == *at || pid < 1 || pid >> IDENT_PID_BITS)
		return 0;
	*at = end;
	return (pid_t)pid;
}

static void forget(struct look *look)
{
	char *at = look->list;
	pid_t pid;

	while ((pid = next(&at)) > 0)
		look->set[pid / 8] = 0;
	look->list[0] = '\0';
}

/* Most are others', and who may not signal one is told so at once. */
static bool may_be_ours(pid_t pid)
{
	struct stat stat_of;
	char path[32];

	if (geteuid() != 0)
		return kill(pid, 0) == 0;
	snprintf(path, sizeof path, "/proc/%d", pid);
	return stat(path, &stat_of) == 0 && stat_of.st_uid == 0;
}

static bool bears(int process, const char *mark)
{
	static char text[ENVIRONMENT_SIZE];
	const char *end = text + procfile_read_in(process, "environ", text, sizeof text);

	for (const char *at = text; at < end; at += strlen(at) + 1)
		if (!strcmp(at, mark))
			return true;
	return false;
}

/*
 * Its folder stands for the process, as a pidfd does: once it has ended nothing is read there,
 * whoever has its number. All of its uids are asked for last, as an exec can change them.
 */
static bool is_ours(pid_t pid, const char *mark)
{
	char path[32], status[2048];
	bool ours = false;
	int process;

	snprintf(path, sizeof path, "/proc/%d", pid);
	process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return false;
	if (bears(process, mark) && procfile_read_in(process, "status", status, sizeof status))
		ours = owner_parse(status, geteuid()) == OWNER_SAME;
	close(process);
	return ours;
}

/* A new one is asked about, if there is time for it. false: it is new at the next look as well. */
static bool ask(pid_t pid, const char *mark, int *asked, void (*adopt)(void *arg, pid_t pid),
		void *arg)
{
	if (*asked >= ASKED_MOST)
		return false;
	if (may_be_ours(pid)) {
		++*asked;
		if (is_ours(pid, mark))
			adopt(arg, pid);
	}
	return true;
}

static void compare(struct look *now, const struct look *before, const char *mark,
		    void (*adopt)(void *arg, pid_t pid), void *arg)
{
	int asked = 0, seen = 0;
	char *at = now->list;
	pid_t pid;

	while ((pid = next(&at)) > 0) {
		if (!has(before, pid) && pid != getpid()
		    && (seen++ >= SEEN_MOST || !ask(pid, mark, &asked, adopt, arg)))
			continue;
		now->set[pid / 8] |= (uint8_t)(1 << (pid % 8));
	}
}

void orphans_look(pid_t parent, const char *mark, bool now, void (*adopt)(void *arg, pid_t pid),
		  void *arg)
{
	static int turn;
	static double due_s;
	double begun_s = clock_s(CLOCK_THREAD_CPUTIME_ID), cost_s;
	struct look *this = &looks[turn], *before = &looks[!turn];
	char path[64];

	if (!now && clock_s(CLOCK_MONOTONIC) < due_s)
		return;
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
	if (procfile_read(path, this->list, sizeof this->list)) {
		compare(this, before, mark, adopt, arg);
		forget(before);
		turn = !turn;
	}
	cost_s = (clock_s(CLOCK_THREAD_CPUTIME_ID) - begun_s) / look_part;
	due_s = clock_s(CLOCK_MONOTONIC) + (cost_s < due_most_s ? cost_s : due_most_s);
}
