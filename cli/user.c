/* SPDX-License-Identifier: MIT */
/*
 * The ledger remembers the budget from one command to the next, and what the user's own file says
 * for guests, which never read it. The two bind each for itself: whoever writes nonsense into the
 * own file keeps what it said before, and nothing of what the site says.
 */
#define _GNU_SOURCE
#include "cli/user.h"

#include "cli/machine.h"
#include "cli/say.h"
#include "conf/apply.h"
#include "core/env.h"
#include "core/round.h"
#include "core/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

static void fill(struct user *user, const struct conf_budget *budget, bool loud)
{
	user->site = budget->site_cores;
	if (budget->own_cores.section)
		user->own = conf_cores(budget->own_cores.value, user->online);
	user->cores = budget->cores;
	user->fence = budget->fence;
	user->exempt = budget->exempt;
	user->locked = budget->locked;
	user->generation = (uint32_t)budget->generation;
	/* Of the site, what root has compiled holds, whatever becomes of the file. */
	user->site_faulty = budget->site_error == -EINVAL && !budget->by_table;
	user->own_faulty = budget->own_error == -EINVAL;
	if (loud && (user->site_faulty || user->own_faulty))
		warn("not heeded: %s",
		     user->site_faulty ? budget->site.problem : budget->own.problem);
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
	conf_budget_read(&budget, CONF_SITE_FILE, &who, online);
	fill(&user, &budget, loud);
	user.bound =
		budget.locked
		&& (!strcmp(budget.site_path, CONF_SITE_FILE) || access(RULES_FILE, F_OK) == 0);
	conf_budget_free(&budget);
	conf_who_free(&who);
	conf_who_free(&named);
	return user;
}

static int least(int site, int own)
{
	return own > 0 && (!site || own < site) ? own : site;
}

/* A file that is bad has not been read: what it said before is what it says. */
static int own_cores(const struct user *user, struct ledger *ledger)
{
	if (user->own_faulty)
		return (int)atomic_load(&ledger->own);
	atomic_store(&ledger->own, (uint32_t)user->own);
	return user->own;
}

static void tell(struct ledger *ledger, const struct user *user, int cores)
{
	int held = cores && cores < user->online && !user->exempt ? cores : user->online;

	if (atomic_exchange(&ledger->budget, (uint32_t)held) != (uint32_t)held)
		round_hasten(ledger);
	/* The next change of the table is one; that others have another file open is none. */
	atomic_store(&ledger->told, user->generation);
}

int user_settle(const struct user *user, uint32_t name)
{
	struct ledger *ledger = ledger_open(name, user->cores > 0);
	int cores = user->cores, held;

	if (!ledger)
		return cores;
	cores = least(user->site, own_cores(user, ledger));
	if (user->site_faulty) {
		held = (int)atomic_load(&ledger->budget);
		if (held > 0 && (!cores || held < cores))
			cores = held;
	} else if (cores || !getenv(ENV_JOB)) { /* else the outer `ration` has said it */
		tell(ledger, user, cores);
	}
	shmdt(ledger);
	return cores;
}

bool user_tell_own(const struct user *user, uint32_t name)
{
	struct ledger *ledger = ledger_open(name, user->own > 0);

	if (!ledger)
		return user->own == 0;
	user_settle(user, name);
	shmdt(ledger);
	return true;
}
