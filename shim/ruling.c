/* SPDX-License-Identifier: MIT */
/*
 * The first need settles it for the life of the program. No lock: threads that come at the same
 * time find the same answer, each for itself. Only root's programs can become another user's; of
 * them, a forked child looks again if it has.
 */
#define _GNU_SOURCE
#include "shim/ruling.h"

#include "core/budget.h"
#include "core/cpus.h"
#include "core/env.h"
#include "core/grant.h"
#include "core/kernel.h"
#include "core/rules.h"
#include "shim/fork.h"
#include "shim/guest.h"
#include "shim/real.h"
#include "shim/self.h"

#include <stdatomic.h>
#include <sys/shm.h>

enum { LOOK_MS = 1000 /* between two searches for a table where there is none */ };

enum { UNKNOWN, PRESENT, ABSENT };

static atomic_int answer;
static atomic_int cores;
static atomic_bool doubt; /* a forked child: is it still the same user's? */
static _Atomic uint32_t judged_uid;

static _Atomic(const struct rules *) table; /* mapped for good */
static atomic_bool stranger;
static atomic_bool bound; /* it is the site's own */
static _Atomic uint64_t searched_ms;

/* Another table than the site's only where the site has none: it gives nobody more. */
static int map(const struct rules **rules, bool *strange)
{
	const char *path = shim_env(ENV_TABLE);
	int error = rules_map(RULES_FILE, NULL, rules, strange);
	uint32_t self;

	if (!error)
		atomic_store(&bound, true);
	if (error == -ENOENT && path) {
		self = self_uid();
		error = rules_map(path, &self, rules, strange);
	}
	return error;
}

/* NULL: there is none. One that is gone is looked for anew, as the site may be enabled again. */
static const struct rules *find_table(void)
{
	const struct rules *was = atomic_load(&table), *rules;
	bool strange;

	if (was && rules_generation(was) != RULES_GONE)
		return was;
	if (map(&rules, &strange) != 0)
		return NULL;
	atomic_store(&stranger, strange);
	if (atomic_compare_exchange_strong(&table, &was, rules))
		return rules;
	kernel_call(SYS_munmap, (long)rules, sizeof *rules, 0, 0, 0, 0);
	return was;
}

/* The least of what the site and the user's own file say. 0: nobody says anything. */
static int least(int site, uint32_t own)
{
	int mine = budget_clamp((long)own, 0, BUDGET_MAX);

	return mine > 0 && (!site || mine < site) ? mine : site;
}

static void tell(struct ledger *ledger, const struct rules_verdict *verdict)
{
	int online = cpus_online(), held = least(verdict->cores, atomic_load(&ledger->own));

	if (verdict->exempt || !held || held > online)
		held = online;
	if (atomic_exchange(&ledger->budget, (uint32_t)held) != (uint32_t)held)
		round_hasten(ledger);
	atomic_store(&ledger->told, (uint32_t)verdict->generation);
}

/* Whom nobody limits, and who names no limit, is left alone, unless confined (grant.h). */
static bool is_free(void)
{
	return shim_orders()->cores == 0 && !grant_read().place;
}

/* Root's way out is never closed; but who only looks like root is none. */
static bool is_locked(const struct rules_verdict *verdict)
{
	return verdict && verdict->locked && (atomic_load(&stranger) || self_uid() != 0);
}

/* What holds, of what the table says (NULL: there is none) and the ledger. */
static bool obey(const struct rules_verdict *verdict)
{
	const struct orders *orders = shim_orders();
	struct ledger *ledger;
	uint32_t own = 0;

	if (orders->off && !is_locked(verdict))
		return false;
	if (verdict && verdict->exempt) /* who has no limit and names one wants it */
		return orders->cores != 0;
	ledger = ledger_peek(is_locked(verdict) && atomic_load(&bound) ? 0 : orders->ledger);
	if (ledger) {
		own = atomic_load(&ledger->own);
		if (verdict)
			tell(ledger, verdict);
		REAL(shmdt)(ledger);
	}
	atomic_store(&cores, least(verdict ? verdict->cores : 0, own));
	return atomic_load(&cores) || !is_free();
}

/* Of a process whose parent was root, too: whoever has a filter stays as it is. */
static bool decide(void)
{
	const struct rules *rules;
	struct rules_verdict verdict;
	struct self self;
	bool present;

	self_read(&self);
	atomic_store(&judged_uid, self.filtered ? UINT32_MAX : self.uid);
	if (self.filtered || self.plays)
		return false;
	rules = find_table();
	/* Kept by children that other users' programs become. */
	if (rules && self.uid == 0)
		fork_watch();
	/* A table that is damaged is none. */
	present = obey(rules && self_judge(&self, rules, atomic_load(&stranger), &verdict) == 0
			       ? &verdict
			       : NULL);
	shim_debug("not begun by ration: %s, %d cores, %s", present ? "present" : "absent",
		   atomic_load(&cores), rules ? "by " RULES_FILE : "no " RULES_FILE);
	return present;
}

/* A child of root's: only if it has become another user's does it begin anew. */
static void settle_doubt(void)
{
	if (atomic_exchange(&doubt, false) && self_uid() != atomic_load(&judged_uid)) {
		guest_renew();
		atomic_store(&cores, 0);
		atomic_store(&answer, UNKNOWN);
	}
}

bool ruling_present(void)
{
	int now;

	if (likely(shim_orders()->begun))
		return true;
	if (unlikely(atomic_load(&doubt)))
		settle_doubt();
	now = atomic_load(&answer);
	if (unlikely(now == UNKNOWN)) {
		now = decide() ? PRESENT : ABSENT;
		atomic_store(&answer, now);
	}
	if (now == ABSENT)
		shim_retire();
	return now == PRESENT;
}

/* What a `ration` says by variables, anyone can say: a locked user has no more by them. */
static bool locks(struct rules_verdict *verdict)
{
	const struct rules *rules = find_table();
	struct self self;

	if (!rules)
		return false;
	self_read(&self);
	return !self.filtered && !self.plays
	       && self_judge(&self, rules, atomic_load(&stranger), verdict) == 0
	       && is_locked(verdict);
}

bool ruling_locked(void)
{
	struct rules_verdict verdict;

	return locks(&verdict);
}

uint32_t ruling_ledger(void)
{
	uint32_t ledger = shim_orders()->ledger;

	return ledger && ruling_locked() && atomic_load(&bound) ? 0 : ledger;
}

int ruling_cores(void)
{
	struct rules_verdict verdict;

	if (!shim_orders()->begun)
		return atomic_load(&cores);
	return locks(&verdict) ? verdict.cores : 0;
}

void ruling_forked(void)
{
	if (atomic_load(&answer) == UNKNOWN || atomic_load(&judged_uid) != 0)
		return;
	if (atomic_load(&answer) == ABSENT)
		shim_return();
	atomic_store(&doubt, true);
}

void ruling_tell(struct ledger *ledger)
{
	const struct rules *rules = atomic_load(&table);
	struct rules_verdict verdict;

	/* The `ration` that began us has said it. */
	if (rules && !shim_orders()->begun
	    && self_judge_now(rules, atomic_load(&stranger), &verdict) == 0)
		tell(ledger, &verdict);
}

/* Once a second, and never in a sandbox: a program begun by `ration` has not searched before. */
static bool may_search(uint64_t now_ms)
{
	static atomic_bool looked, never;
	uint64_t searched = atomic_load(&searched_ms);
	struct self self;

	if (atomic_load(&never) || now_ms - searched < LOOK_MS
	    || !atomic_compare_exchange_strong(&searched_ms, &searched, now_ms))
		return false;
	if (!atomic_exchange(&looked, true)) {
		self_read(&self);
		if (self.filtered)
			atomic_store(&never, true);
	}
	return !atomic_load(&never);
}

void ruling_look(uint64_t now_ms)
{
	struct ledger *ledger = guest_ledger;
	const struct rules *rules = atomic_load(&table);
	struct rules_verdict verdict;

	if ((!rules || rules_generation(rules) == RULES_GONE) && may_search(now_ms))
		rules = find_table();
	if (!rules || rules_generation(rules) == RULES_GONE
	    || (uint32_t)rules_generation(rules) == atomic_load(&ledger->told))
		return;
	if (self_judge_now(rules, atomic_load(&stranger), &verdict) == 0)
		tell(ledger, &verdict);
}
