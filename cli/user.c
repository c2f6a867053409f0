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
#include "core/round.h"

#include <errno.h>
#include <sys/shm.h>

struct user user_read(bool loud)
{
	struct conf_budget budget;
	struct conf_who who;
	struct user user = { 0 };

	if (conf_who_calling(&who) != 0)
		return user;
	conf_budget_read(&budget, CONF_SITE_FILE, &who, machine_online());
	user = (struct user){ .cores = budget.cores,
			      .exempt = budget.exempt,
			      .locked = budget.locked,
			      .faulty = budget.site_error == -EINVAL
					|| budget.own_error == -EINVAL };
	if (loud && user.faulty)
		warn("not heeded: %s",
		     budget.site_error == -EINVAL ? budget.site.problem : budget.own.problem);
	conf_budget_free(&budget);
	conf_who_free(&who);
	return user;
}

int user_settle(const struct user *user, uint32_t name)
{
	struct ledger *ledger = ledger_open(name, user->cores > 0 && !user->faulty);
	int online = machine_online(), cores = user->cores, held;

	if (!ledger)
		return cores;
	if (user->faulty) {
		held = (int)atomic_load(&ledger->budget);
		if (held > 0 && (!cores || held < cores))
			cores = held;
	} else if (cores || !machine_shimmed()) { /* else the outer `ration` has said it */
		held = cores && cores < online ? cores : online;
		if (atomic_exchange(&ledger->budget, (uint32_t)held) != (uint32_t)held)
			round_hasten(ledger);
	}
	shmdt(ledger);
	return cores;
}
