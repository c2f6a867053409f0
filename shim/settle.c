/* SPDX-License-Identifier: MIT */
/*
 * Workers of a pool start their first calls within milliseconds of one another. A
 * call cannot be shrunk once it runs, and may run for minutes: so the first to come
 * waits until nobody has come for a moment, a round has counted all of them, and
 * those who were here before have been to a gate, if their calls are short.
 */
#define _GNU_SOURCE
#include "shim/guest.h"

#include "core/kernel.h"
#include "shim/ruling.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

enum {
	QUIET_START_MS = 20, /* no sibling has come for so long: all are here */
	QUIET_WAKE_MS = 2,   /* the same, for those who called nothing for a while */
	SETTLE_MS = 500,     /* the most that a guest waits */
	FORK_CPU_MS = 50,    /* CPU that a parent needs at most between two forks */
	LET_GO_MS = 250,     /* the most that it waits for another's call to end, from its start */
	QUIET_THREAD_MS = 4, /* no thread of this process has come for so long: all are here */
	BURST_MS = 20,       /* the most that a thread waits for others */
	BURST_EVERY_MS = 1000, /* and no more often: some programs make threads all the time */
};

static struct round_room room;

/* No handler of the program runs in a round, which takes microseconds: none can jump out of it. */
static bool lead(struct home *home, uint64_t now_ms)
{
	uint64_t all = UINT64_MAX, before = 0;
	bool led = false;

	kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof all, 0, 0);
	if (!atomic_exchange(&home->leading, 1)) {
		led = round_lead(guest_ledger, now_ms, atomic_load(&guest_space), &room);
		atomic_store(&home->leading, 0);
	}
	kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, sizeof before, 0, 0);
	return led;
}

bool guest_lead(struct home *home, uint64_t now_ms)
{
	bool led = round_due(guest_ledger, now_ms) && lead(home, now_ms);

	if (led)
		ruling_look(now_ms);
	return led;
}

static int age_ms(struct row *row, uint64_t now_ms)
{
	int age = (int)((uint32_t)now_ms - atomic_load(&row->arrived_ms));

	return age > 0 ? age : 0;
}

static bool sibling(const struct row *row, const struct row *mine)
{
	return row != mine && atomic_load(&row->owner)
	       && atomic_load(&row->parent) == atomic_load(&mine->parent)
	       && atomic_load(&row->space) == atomic_load(&mine->space);
}

/* How long ago the last of us came: this guest, or a sibling. */
static int newest_ms(struct row *mine, uint64_t now_ms, bool *alone)
{
	int newest = age_ms(mine, now_ms);

	*alone = true;
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &guest_ledger->rows[i];
		int age;

		if (!sibling(row, mine))
			continue;
		*alone = false;
		age = age_ms(row, now_ms);
		if (age < newest)
			newest = age;
	}
	return newest;
}

/* The siblings that compute, or have only just come: up to most. */
static int count_busy(struct row *mine, int most, bool alive)
{
	int count = 0;

	for (int i = 0; i < LEDGER_ROWS && count < most; i++) {
		struct row *row = &guest_ledger->rows[i];

		if (sibling(row, mine) && atomic_load(&row->busy)
		    && (!alive || ident_alive(atomic_load(&row->owner))))
			count++;
	}
	return count;
}

/* Whether there are so many cores beside what the others have taken. */
static bool fits(struct row *mine, int cores)
{
	struct ledger_taken others = ledger_taken(guest_ledger, mine, 0);
	int most = ledger_budget(guest_ledger);

	if (most < others.guests + 1)
		most = others.guests + 1;
	return others.all + cores <= most;
}

/* As many of us as there are cores: whoever else may come, it is one for each, and there is one. */
static bool one_each(struct row *mine)
{
	int cores = guest_cores(), most = ledger_budget(guest_ledger), others;

	others = (cores < most ? cores : most) - 1;
	return count_busy(mine, others, false) >= others && fits(mine, 1)
	       && count_busy(mine, others, true) >= others;
}

/* A parent that runs, or would if it had a CPU, may be about to fork the next. */
static bool may_fork(int parent, uint64_t since_ns)
{
	uint64_t now_ns;

	return since_ns && ident_cpu_ns(parent, &now_ns) == 0
	       && now_ns - since_ns < FORK_CPU_MS * 1000000ul && ident_is_busy(parent);
}

/* It is at a gate all the while: nobody is to take it for idle. */
static void doze(struct row *row)
{
	atomic_store(&row->passed, 1);
	nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
}

/* One who has more than is its, and has lately been to a gate: it will soon let go. */
static bool lets_go(struct row *row, uint64_t now_ms)
{
	int target = atomic_load(&row->target);

	return atomic_load(&row->owner) && atomic_load(&row->busy)
	       && atomic_load(&row->share) > (target > 1 ? target : 1)
	       && (uint16_t)((uint16_t)now_ms - atomic_load(&row->gate_ms)) < LET_GO_MS;
}

/* Whether there will be what the last round gave us, once others have let it go. */
static bool makes_room(struct row *mine, uint64_t now_ms)
{
	if (fits(mine, budget_clamp(atomic_load(&mine->target), 1, guest_cores())))
		return false;
	for (int i = 0; i < LEDGER_ROWS; i++)
		if (&guest_ledger->rows[i] != mine && lets_go(&guest_ledger->rows[i], now_ms))
			return true;
	return false;
}

static void await_room(struct home *home, struct row *row)
{
	uint64_t start_ms = ident_now_ms(), now_ms = start_ms;

	while (now_ms - start_ms < LET_GO_MS && makes_room(row, now_ms)) {
		doze(row);
		now_ms = ident_now_ms();
		guest_lead(home, now_ms);
	}
}

static void await_siblings(struct home *home, struct row *row, bool first)
{
	bool forked = first && guest_is_forked(home), alone, quiet;
	int parent = (int)atomic_load(&row->parent);
	int quiet_ms = first ? QUIET_START_MS : QUIET_WAKE_MS;
	uint64_t start_ms = ident_now_ms(), now_ms = start_ms, parent_ns = 0;

	if (forked)
		ident_cpu_ns(parent, &parent_ns);
	while (now_ms - start_ms < SETTLE_MS) {
		int newest = newest_ms(row, now_ms, &alone);

		if (one_each(row))
			return;
		quiet = (alone && !forked) || (newest >= quiet_ms && !may_fork(parent, parent_ns));
		if (quiet && round_since(guest_ledger, now_ms - (uint64_t)newest))
			return;
		if (quiet)
			round_hasten(guest_ledger);
		if (guest_lead(home, now_ms) && quiet)
			return;
		doze(row);
		now_ms = ident_now_ms();
	}
}

void guest_settle(struct home *home, struct row *row, bool first)
{
	await_siblings(home, row, first);
	await_room(home, row);
}

/* Threads of a ThreadPool begin together as well. */
void guest_settle_threads(struct home *home)
{
	uint64_t now_ms = ident_now_ms(), burst_ms = atomic_load(&home->burst_ms);
	int cancel;

	atomic_store(&home->newest_ms, now_ms);
	if (now_ms >= burst_ms + BURST_EVERY_MS) {
		burst_ms = now_ms;
		atomic_store(&home->burst_ms, burst_ms);
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	while (now_ms < burst_ms + BURST_MS
	       && now_ms < atomic_load(&home->newest_ms) + QUIET_THREAD_MS) {
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
		now_ms = ident_now_ms();
	}
	pthread_setcancelstate(cancel, &cancel);
}
