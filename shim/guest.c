/* SPDX-License-Identifier: MIT */
/* Joining the ledger: at the first runtime, after a fork, and again if the row was lost. */
#define _GNU_SOURCE
#include "shim/guest.h"
#include "shim/omp.h"
#include "shim/real.h"
#include "shim/ruling.h"

#include "core/cpus.h"
#include "core/grant.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ALONE_MS = 1000 }; /* between two attempts to get a row in a full ledger */

struct home *guest_home;
static struct ledger no_ledger; /* untouched pages cost nothing */
struct ledger *guest_ledger = &no_ledger;
_Atomic uint32_t guest_space;
static atomic_int granted;               /* what the machine grants; 0: not asked yet */
static _Atomic uint64_t place;           /* see grant.h; 0: the whole machine, or not asked yet */
static atomic_int named, named_as;       /* the variable of the wish, and what it said */
static atomic_int has;                   /* enum runtime: those found here, or before a fork */
static _Atomic uint32_t met[LEDGER_MET]; /* the same, of libraries */
static atomic_bool began;                /* here, or in the process we were forked from */

int guest_cores(void)
{
	const struct orders *orders = shim_orders();
	int cores = atomic_load_explicit(&granted, memory_order_relaxed), ordered = orders->cores;
	struct grant grant = { 0 };
	int configured;

	if (likely(cores > 0))
		return cores;
	if (!ruling_present())
		return BUDGET_MAX;
	configured = ruling_cores();
	if (configured > 0 && (!ordered || configured < ordered))
		ordered = configured;
	/* `ration` has seen the quotas; but numactl or taskset may have come after. */
	if (orders->begun && ordered > 0)
		grant.cores = cpus_allowed();
	else
		grant = grant_read();
	cores = budget_clamp(grant.cores, 1, ordered > 0 ? ordered : BUDGET_MAX);
	atomic_store(&place, grant.place);
	atomic_store(&granted, cores);
	return cores;
}

void guest_renew(void)
{
	struct home *home = guest_home;
	struct row *row = home ? atomic_exchange(&home->row, NULL) : NULL;

	if (row)
		ledger_leave(row, atomic_load(&home->self));
	if (home) /* nothing that was decided holds */
		atomic_store(&home->generation, UINT64_MAX);
	atomic_store(&granted, 0);
	atomic_store(&place, 0);
	__atomic_store_n(&guest_ledger, &no_ledger, __ATOMIC_RELEASE);
}

uint64_t guest_job(void)
{
	if (shim_orders()->job || guest_cores() < 1)
		return shim_orders()->job;
	return atomic_load_explicit(&place, memory_order_relaxed);
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

/* A fork, and nothing else, brings a process into another one (unshare(2), setns(2)). */
static void settle_namespaces(void)
{
	atomic_store(&guest_space, ident_namespace());
	clock_settle();
}

/* The ledger stays attached over fork, and goes at exec. */
static struct ledger *open_ledger(void)
{
	struct ledger *ledger = __atomic_load_n(&guest_ledger, __ATOMIC_ACQUIRE);
	uint32_t unset = 0;

	if (ledger != &no_ledger)
		return ledger;
	ledger = ledger_open(ruling_ledger(), true);
	if (!ledger)
		return NULL;
	settle_namespaces();
	/* Who knows the configuration has said so already; this is for when nobody could. */
	if (!atomic_load(&ledger->budget))
		atomic_compare_exchange_strong(&ledger->budget, &unset, (uint32_t)cpus_online());
	ruling_tell(ledger);
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

static struct row *claim(struct ledger *ledger, bool forked, uint64_t self)
{
	uint32_t space = atomic_load(&guest_space);

	return forked ? ledger_claim_new(ledger, self, space) : ledger_claim(ledger, self, space);
}

struct row *guest_row(struct home *home)
{
	bool forked = guest_is_forked(home);
	struct ledger *ledger = open_ledger();
	uint64_t self, now_ms, cpu_ns = 0;
	struct row *row;

	if (forked && !atomic_load(&home->self))
		settle_namespaces();
	self = ident_self();
	now_ms = ident_now_ms();
	row = ledger ? claim(ledger, forked, self) : NULL;
	if (!row) {
		atomic_store(&home->alone_ms, now_ms + ALONE_MS);
		return NULL;
	}
	atomic_store(&row->job, guest_job());
	atomic_store(&row->job_cores, (uint16_t)guest_cores());
	atomic_store(&row->wish, (uint16_t)guest_cores());
	atomic_store(&row->named, (uint8_t)atomic_load(&named));
	atomic_store(&row->named_as, (uint16_t)atomic_load(&named_as));
	atomic_store(&row->runtimes, (uint16_t)atomic_load(&has));
	for (int i = 0; i < LEDGER_MET; i++)
		atomic_store(&row->met[i], atomic_load(&met[i]));
	atomic_store(&row->parent, (uint32_t)getppid());
	ident_cpu_ns(getpid(), &cpu_ns);
	atomic_store(&row->cpu_ns, cpu_ns);
	atomic_store(&row->seen_ms, now_ms);
	guest_arrive(row, CALLS_PRESUMED, now_ms);
	atomic_store(&home->self, self);
	for (int of = 0; of < OF_KINDS; of++)
		atomic_store(&home->how[of], GUEST_HOW(of));
	atomic_store(&home->row, row);
	shim_debug("joined: a %s, budget %d", forked ? "forked child" : "program", guest_cores());
	return row;
}

void guest_join(void)
{
	struct home *home = ruling_present() ? guest_home_made() : NULL;

	if (home && !atomic_load(&home->row))
		guest_row(home);
}

struct row *guest_own_row(struct home *home)
{
	struct row *row = home ? atomic_load(&home->row) : NULL;

	return row && atomic_load(&row->owner) == atomic_load(&home->self) ? row : NULL;
}

static struct row *own_row(void)
{
	return guest_own_row(guest_home);
}

void guest_forked_parent(void)
{
	struct row *row = own_row();
	uint64_t cpu_ns = 0;

	/* What its other threads have in flight goes on, and stays counted; so do its teams. */
	if (!row || atomic_load(&row->flights) || omp_team() > 1
	    || callers_compute(guest_home->callers[GUEST_TEAMS], (uint32_t)syscall(SYS_gettid)))
		return;
	/* A pool's parent waits now; if it computes on, it is found out by its CPU clock. */
	ident_cpu_ns(getpid(), &cpu_ns);
	atomic_store(&row->cpu_ns, cpu_ns);
	atomic_store(&row->seen_ms, ident_now_ms());
	atomic_store(&row->load_pct, 0);
	if (ledger_lower(row, 0, 0)) /* one has begun since */
		return;
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

void guest_named(enum named variable, int threads)
{
	struct row *row = own_row();

	if (atomic_load(&named) && atomic_load(&named) <= (int)variable)
		return;
	atomic_store(&named, (int)variable);
	atomic_store(&named_as, threads);
	if (!row)
		return;
	atomic_store(&row->named_as, (uint16_t)threads);
	atomic_store(&row->named, (uint8_t)variable);
}

void guest_met(uintptr_t low, enum level level)
{
	struct row *row = own_row();
	uint32_t none = 0, library = ledger_met(low, level);

	for (int i = 0; i < LEDGER_MET; i++, none = 0) {
		if (!atomic_compare_exchange_strong(&met[i], &none, library))
			continue;
		if (row)
			atomic_store(&row->met[i], library);
		return;
	}
}

void guest_note(int runtimes, int asked, int given, int started)
{
	const struct orders *orders = shim_orders();
	struct row *row = runtimes ? own_row() : NULL;
	struct record *record;

	if (runtimes)
		atomic_fetch_or(&has, runtimes);
	if (row)
		atomic_fetch_or(&row->runtimes, (uint16_t)runtimes);
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
