/* SPDX-License-Identifier: MIT */
/*
 * The first need settles it for the life of the program. No lock: threads that come at the
 * same time wait a moment for the first of them, and else find the same answer themselves.
 * Whatever goes wrong costs WAIT_MS at most, and leaves what is known without asking.
 */
#define _GNU_SOURCE
#include "shim/ruling.h"

#include "core/budget.h"
#include "core/env.h"
#include "core/grant.h"
#include "core/stamp.h"
#include "shim/guest.h"
#include "shim/launch.h"
#include "shim/real.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	WAIT_MS = 50,      /* for a resolver: it takes 2 ms where nothing else runs */
	AGAIN_MS = 1000,   /* before a resolver that failed is tried again */
	LOOK_MS = 1000,    /* between two looks at the files */
	HIDDEN_MS = 10000, /* how old what a look cannot tell may become */
};

enum { UNKNOWN, ASKING, KNOWN };

static atomic_int progress;
static atomic_int cores;
static atomic_bool absent;
static _Atomic uint64_t seen; /* the stamp at our last look */

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 250000 }, NULL);
}

/* Milliseconds since a moment whose low half was noted. */
static uint32_t since(_Atomic uint32_t *noted_ms, uint64_t now_ms)
{
	return (uint32_t)now_ms - atomic_load(noted_ms);
}

/*
 * A program in a sandbox is left alone: a call its filter does not know of may end it
 * (seccomp's default). That this file can be read at all is likely: libc has just read one
 * for the CPUs. Nor is a program asked for while it plays another user.
 */
static bool may_ask(void)
{
	char text[4096], *at;
	ssize_t length;
	int fd;

	/* By number: a name imported costs every exec, and this is asked once if at all. */
	if (syscall(SYS_getuid) != syscall(SYS_geteuid)
	    || syscall(SYS_getgid) != syscall(SYS_getegid))
		return false;
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT; /* no /proc, in a chroot */
	length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	at = strstr(text, "\nSeccomp:\t");
	return !at || at[10] == '0';
}

static uint64_t stamp_now(uint32_t ruling)
{
	struct stamp_names names = { .other = shim_env(ENV_CONF),
				     .config = shim_env("XDG_CONFIG_HOME"),
				     .home = shim_env("HOME") };

	return ruling & RULING_HIDDEN ? stamp_read_site(&names) : stamp_read(&names);
}

static bool is_fresh(struct ledger *ledger, uint64_t now_ms)
{
	uint32_t ruling = atomic_load(&ledger->ruling);

	return (ruling & RULING_READ)
	       && !((ruling & RULING_HIDDEN) && since(&ledger->read_ms, now_ms) > HIDDEN_MS)
	       && stamp_same(atomic_load(&ledger->stamp), stamp_now(ruling));
}

/* The right to start a resolver: one at a time, and none soon after one that failed. */
static bool may_start(struct ledger *ledger, uint64_t now_ms)
{
	uint32_t asked_ms = atomic_load(&ledger->asked_ms);

	if (asked_ms && (uint32_t)now_ms - asked_ms < AGAIN_MS)
		return false;
	return atomic_compare_exchange_strong(&ledger->asked_ms, &asked_ms, (uint32_t)now_ms | 1);
}

/* Until it has ended, ours or another guest's, or has had its time. */
static void resolve(struct ledger *ledger, uint64_t start_ms)
{
	uint64_t now_ms = start_ms;
	int error;

	if (may_start(ledger, start_ms)) {
		error = launch_resolver(WAIT_MS);
		if (error)
			shim_debug("the configuration is not to be had (%d)", error);
		return;
	}
	while (now_ms - start_ms < WAIT_MS && atomic_load(&ledger->asked_ms)
	       && since(&ledger->asked_ms, now_ms) < WAIT_MS) {
		pause_briefly();
		now_ms = ident_now_ms();
	}
}

static void obey(uint32_t ruling, uint32_t budget)
{
	const struct orders *orders = shim_orders();

	if (orders->off) {
		/* Root's way out is never closed. */
		atomic_store(&absent, !(ruling & RULING_LOCKED) || geteuid() == 0);
		if (atomic_load(&absent))
			return;
	}
	if (!(ruling & RULING_READ))
		return;
	/* Who has no limit and names one wants it. */
	if (ruling & RULING_EXEMPT)
		atomic_store(&absent, orders->cores == 0);
	else if (ruling & RULING_FREE)
		atomic_store(&absent, orders->cores == 0 && !grant_read().place);
	else
		atomic_store(&cores, budget_clamp(budget, 1, BUDGET_MAX));
}

static void ask(void)
{
	bool may = may_ask();
	struct ledger *ledger = may ? ledger_open(shim_orders()->ledger, true) : NULL;
	uint64_t now_ms = ident_now_ms();

	if (!ledger) { /* nobody can tell us */
		atomic_store(&absent, shim_orders()->off || !may);
		return;
	}
	if (!is_fresh(ledger, now_ms))
		resolve(ledger, now_ms);
	obey(atomic_load(&ledger->ruling), atomic_load(&ledger->budget));
	REAL(shmdt)(ledger);
	shim_debug("not begun by ration: %s, %d cores", atomic_load(&absent) ? "absent" : "present",
		   atomic_load(&cores));
}

bool ruling_present(void)
{
	int was = UNKNOWN, cancel;
	uint64_t start_ms;

	if (likely(shim_orders()->begun || atomic_load(&progress) == KNOWN))
		return !atomic_load(&absent);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	/* The thread that asks may be one that a fork has left behind. */
	if (!atomic_compare_exchange_strong(&progress, &was, ASKING))
		for (start_ms = ident_now_ms(); atomic_load(&progress) == ASKING; pause_briefly())
			if (ident_now_ms() - start_ms > 2 * WAIT_MS)
				break;
	if (atomic_load(&progress) != KNOWN)
		ask();
	if (atomic_load(&absent))
		shim_retire();
	atomic_store(&progress, KNOWN);
	pthread_setcancelstate(cancel, &cancel);
	return !atomic_load(&absent);
}

int ruling_cores(void)
{
	return atomic_load(&cores);
}

void ruling_look(uint64_t now_ms)
{
	struct ledger *ledger = guest_ledger;
	uint32_t looked_ms = atomic_load(&ledger->looked_ms), ruling = atomic_load(&ledger->ruling);
	uint64_t stamp, noted = 0;

	if ((uint32_t)now_ms - looked_ms < LOOK_MS
	    || !atomic_compare_exchange_strong(&ledger->looked_ms, &looked_ms, (uint32_t)now_ms))
		return;
	stamp = stamp_now(ruling);
	/* The `ration` that began us has just read what there is. */
	if (shim_orders()->begun && atomic_compare_exchange_strong(&ledger->stamp, &noted, stamp))
		return;
	/* One that other variables lead to other files changes nothing by that alone, but once. */
	if (stamp_same(atomic_load(&ledger->stamp), stamp)
	    && !((ruling & RULING_HIDDEN) && since(&ledger->read_ms, now_ms) > HIDDEN_MS)) {
		atomic_store(&seen, stamp);
		return;
	}
	if ((atomic_load(&seen) == stamp && !(ruling & RULING_HIDDEN))
	    || !may_start(ledger, now_ms))
		return;
	if (launch_resolver(0) != -ECHILD)
		atomic_store(&seen, stamp);
}
