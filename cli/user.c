/* SPDX-License-Identifier: MIT */
/*
 * The ledger remembers the budget from one command to the next. Commands write it, guests
 * only if nobody has: a guest cannot read the configuration.
 */
#define _GNU_SOURCE
#include "cli/user.h"

#include "cli/machine.h"
#include "cli/say.h"
#include "conf/apply.h"
#include "core/env.h"
#include "core/ident.h"
#include "core/round.h"
#include "core/stamp.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { RESOLVE_S = 20 }; /* the most that a resolver lives: a directory server may not answer */

static uint64_t stamp_here(const char *home)
{
	struct stamp_names names = { .other = getenv(ENV_CONF),
				     .config = getenv("XDG_CONFIG_HOME"),
				     .home = home ? home : getenv("HOME") };

	return stamp_read(&names);
}

/* A guest that looked at a file there could hang with the server; so it does not look. */
static bool is_far(const char *path)
{
	static const unsigned long local[] = { 0xef53 /* ext */,       0x58465342 /* xfs */,
					       0x9123683e /* btrfs */, 0x2fc12fc1 /* zfs */,
					       0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */,
					       0xf2f52010 /* f2fs */,  0x794c7630 /* overlay */ };
	char at[PATH_MAX];
	struct statfs found;
	char *slash;

	snprintf(at, sizeof at, "%s", path);
	while (statfs(at, &found) != 0) {
		slash = strrchr(at, '/');
		if (!slash || slash == at)
			return false; /* not even its first folder is there */
		*slash = '\0';
	}
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if ((unsigned long)found.f_type == local[i])
			return false;
	return true;
}

struct user user_read(bool loud, int online)
{
	struct conf_budget budget;
	struct conf_who who, named = { 0 };
	struct user user = { .online = online, .fence = CONF_FENCE_AUTO };

	if (conf_who_calling(&who) != 0)
		return user;
	/* From cron and the like; the own file is where it is nevertheless. */
	if (!getenv("HOME") && !getenv("XDG_CONFIG_HOME") && conf_who_of(&named, who.uid) == 0
	    && named.home)
		who.home = strdup(named.home);
	user.stamp = stamp_here(who.home);
	conf_budget_read(&budget, CONF_SITE_FILE, &who, online);
	user.cores = budget.cores;
	user.fence = budget.fence;
	user.exempt = budget.exempt;
	user.locked = budget.locked;
	user.bound = budget.locked && !strcmp(budget.site_path, CONF_SITE_FILE);
	user.faulty = budget.site_error == -EINVAL || budget.own_error == -EINVAL;
	user.hidden = budget.site.file_count > 1 || is_far(budget.own_path);
	if (loud && user.faulty)
		warn("not heeded: %s",
		     budget.site_error == -EINVAL ? budget.site.problem : budget.own.problem);
	conf_budget_free(&budget);
	conf_who_free(&who);
	conf_who_free(&named);
	return user;
}

static void tell(struct ledger *ledger, const struct user *user)
{
	uint32_t held =
		(uint32_t)(user->cores && user->cores < user->online ? user->cores : user->online);
	uint32_t ruling = RULING_READ;

	if (user->exempt) {
		ruling |= RULING_EXEMPT;
		held = (uint32_t)user->online;
	} else if (!user->cores) {
		ruling |= RULING_FREE;
	}
	if (user->locked)
		ruling |= RULING_LOCKED;
	if (user->hidden)
		ruling |= RULING_HIDDEN;
	if (atomic_exchange(&ledger->budget, held) != held)
		round_hasten(ledger);
	atomic_store(&ledger->ruling, ruling);
}

/* When, and of which state of the files: last of all, so that it is true of what stands there. */
static void note(struct ledger *ledger, const struct user *user)
{
	atomic_store(&ledger->read_ms, (uint32_t)ident_now_ms());
	atomic_store(&ledger->stamp, user->stamp);
}

int user_settle(const struct user *user, uint32_t name)
{
	struct ledger *ledger = ledger_open(name, user->cores > 0 && !user->faulty);
	int cores = user->cores, held;

	if (!ledger)
		return cores;
	if (user->faulty) {
		held = (int)atomic_load(&ledger->budget);
		if (held > 0 && (!cores || held < cores))
			cores = held;
	} else if (cores || !getenv(ENV_JOB)) { /* else the outer `ration` has said it */
		tell(ledger, user);
		note(ledger, user);
	}
	shmdt(ledger);
	return cores;
}

/* Every signal was held when we were started; the clock's is let through. */
static void limit_life(void)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	alarm(RESOLVE_S);
}

int user_resolve(const char *online, uint32_t name)
{
	char *end;
	long count = strtol(online, &end, 10);
	struct ledger *ledger;
	struct user user;

	if (end == online || *end || count < 1 || count > 1 << 20)
		return EXIT_OURS;
	limit_life();
	ledger = ledger_open(name, true);
	if (!ledger)
		return EXIT_OURS;
	user = user_read(false, (int)count);
	/* What was in force stays; where nothing was, what can be read of it holds. */
	if (!user.faulty || !(atomic_load(&ledger->ruling) & RULING_READ))
		tell(ledger, &user);
	note(ledger, &user);
	atomic_store(&ledger->asked_ms, 0);
	return 0;
}
