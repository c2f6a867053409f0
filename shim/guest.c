/* SPDX-License-Identifier: MIT */
/* Joining the ledger: at the first runtime, after a fork, and again if the row was lost. */
#define _GNU_SOURCE
#include "shim/guest.h"
#include "shim/real.h"

#include "core/cpus.h"

#include <sys/mman.h>
#include <unistd.h>

enum { ALONE_MS = 1000 }; /* between two attempts to get a row in a full ledger */

struct home *guest_home;
static struct ledger no_ledger; /* untouched pages cost nothing */
struct ledger *guest_ledger = &no_ledger;
_Atomic uint32_t guest_space;
static atomic_int granted; /* what the machine grants; 0: not asked yet */
static atomic_bool began;  /* here, or in the process we were forked from */

int guest_cores(void)
{
	int cores = atomic_load_explicit(&granted, memory_order_relaxed), ordered;

	if (likely(cores > 0))
		return cores;
	ordered = shim_orders()->cores;
	/* Whoever ordered has seen the quotas; but numactl or taskset may have come after. */
	cores = ordered > 0 ? cpus_allowed() : cpus_granted();
	cores = budget_clamp(cores, 1, ordered > 0 ? ordered : BUDGET_MAX);
	atomic_store(&granted, cores);
	return cores;
}

bool guest_is_forked(struct home *home)
{
	if (!atomic_exchange(&home->known, true))
		atomic_store(&home->forked, atomic_exchange(&began, true));
	return atomic_load(&home->forked);
}

uint32_t guest_life(void)
{
	static _Atomic uint32_t lives;
	struct home *home = guest_home_made();
	uint32_t life = 0;

	/* The count goes on in the child, so that it never has the number of a parent. */
	if (home && !(life = atomic_load(&home->life))
	    && atomic_compare_exchange_strong(&home->life, &life, atomic_load(&lives) + 1))
		life = atomic_fetch_add(&lives, 1) + 1;
	return life;
}

struct home *guest_home_made(void)
{
	struct home *home = __atomic_load_n(&guest_home, __ATOMIC_ACQUIRE), *none = NULL;

	if (home)
		return home;
	home = REAL(mmap)(NULL, sizeof *home, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (home == MAP_FAILED)
		return NULL;
	if (REAL(madvise)(home, sizeof *home, MADV_WIPEONFORK) != 0
	    || !__atomic_compare_exchange_n(&guest_home, &none, home, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE)) {
		REAL(munmap)(home, sizeof *home);
		return none;
	}
	return home;
}

/* The ledger stays attached over fork, and goes at exec. */
static struct ledger *open_ledger(void)
{
	struct ledger *ledger = __atomic_load_n(&guest_ledger, __ATOMIC_ACQUIRE);
	uint32_t unset = 0;

	if (ledger != &no_ledger)
		return ledger;
	ledger = ledger_open(shim_orders()->ledger, true);
	if (!ledger)
		return NULL;
	atomic_store(&guest_space, ident_namespace());
	/* `ration` knows the configuration, and has said so already if it began us. */
	if (!atomic_load(&ledger->budget))
		atomic_compare_exchange_strong(&ledger->budget, &unset, (uint32_t)cpus_online());
	__atomic_store_n(&guest_ledger, ledger, __ATOMIC_RELEASE);
	return ledger;
}

void guest_arrive(struct row *row, enum calls calls, uint64_t now_ms)
{
	atomic_store(&row->arrived_ms, (uint32_t)now_ms);
	atomic_store(&row->quiet_ms, 0);
	atomic_store(&row->calls, (uint8_t)calls);
	atomic_store(&row->busy, 1);
}

struct row *guest_row(struct home *home)
{
	bool forked = guest_is_forked(home);
	struct ledger *ledger = open_ledger();
	uint64_t self = ident_self(), now_ms = ident_now_ms(), cpu_ns = 0;
	struct row *row = ledger ? ledger_claim(ledger, self, atomic_load(&guest_space)) : NULL;

	if (!row) {
		atomic_store(&home->alone_ms, now_ms + ALONE_MS);
		return NULL;
	}
	atomic_store(&row->job, shim_orders()->job);
	atomic_store(&row->job_cores, (uint16_t)guest_cores());
	atomic_store(&row->wish, (uint16_t)guest_cores());
	atomic_store(&row->parent, (uint32_t)getppid());
	ident_cpu_ns(getpid(), &cpu_ns);
	atomic_store(&row->cpu_ns, cpu_ns);
	atomic_store(&row->seen_ms, now_ms);
	guest_arrive(row, CALLS_PRESUMED, now_ms);
	atomic_store(&home->self, self);
	atomic_store(&home->row, row);
	shim_debug("joined: a %s, budget %d", forked ? "forked child" : "program", guest_cores());
	return row;
}

void guest_join(void)
{
	struct home *home = guest_home_made();

	if (home && !atomic_load(&home->row))
		guest_row(home);
}

void guest_forked_parent(void)
{
	struct home *home = guest_home;
	struct row *row = home ? atomic_load(&home->row) : NULL;
	uint64_t cpu_ns = 0;

	if (!row || atomic_load(&row->owner) != atomic_load(&home->self))
		return;
	/* A pool's parent waits now; if it computes on, it is found out by its CPU clock. */
	ident_cpu_ns(getpid(), &cpu_ns);
	atomic_store(&row->cpu_ns, cpu_ns);
	atomic_store(&row->seen_ms, ident_now_ms());
	atomic_store(&row->load_pct, 0);
	atomic_store(&row->share, 0);
	atomic_store(&row->passed, 0);
	atomic_store(&row->calls, CALLS_NOT);
	atomic_store(&row->busy, 0);
}

void guest_forked_child(void)
{
	struct home *home = guest_home;

	if (home && !atomic_load(&home->row))
		guest_row(home);
}

static void raise_to(_Atomic uint32_t *mark, int value)
{
	uint32_t was = atomic_load(mark);

	while (value > (int)was && !atomic_compare_exchange_weak(mark, &was, (uint32_t)value))
		;
}

void guest_note(int runtimes, int asked, int given, int started)
{
	const struct orders *orders = shim_orders();
	struct record *record;

	if (orders->record < 0 || orders->record >= LEDGER_RECORDS || guest_ledger == &no_ledger)
		return;
	record = &guest_ledger->records[orders->record];
	if (atomic_load(&record->job) != orders->job)
		return;
	atomic_fetch_or(&record->runtimes, (uint32_t)runtimes);
	raise_to(&record->asked, asked);
	raise_to(&record->given, given);
	atomic_fetch_add(&record->started, (uint32_t)started);
}
