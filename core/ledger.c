/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "core/ledger.h"

#include "core/budget.h"
#include "core/ident.h"
#include "core/segment.h"

#include <limits.h>
#include <sys/shm.h>
#include <unistd.h>

_Static_assert(sizeof(struct row) == 128, "two cache lines; the second is seldom written");
_Static_assert(offsetof(struct row, wish) == 48, "the layout of a row is shared");
_Static_assert(offsetof(struct row, claim) == 52 && offsetof(struct row, job_cores) == 64,
	       "a claim is one word; what is often written is one cache line");
_Static_assert(sizeof(struct record) == 64, "the layout of a record is shared");
_Static_assert(offsetof(struct ledger, rows) == 128, "the layout of the head is shared");
_Static_assert(sizeof(struct ledger) == 128 * (1 + LEDGER_ROWS) + 64 * LEDGER_RECORDS, "130 KiB");

static const struct segment segment = { .family = 0x52000000u,
					.room = 0xffffffu,
					.salt = LEDGER_LAYOUT,
					.size = sizeof(struct ledger),
					.mode = 0600 };

enum { IDLE_MS = 1000 }; /* from when on a row may be taken over, if there is no other */

struct ledger *ledger_open(uint32_t name, bool create)
{
	return segment_open(&segment, name, create);
}

struct ledger *ledger_peek(uint32_t name)
{
	int id = segment_peek(&segment, name);
	void *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	return at == (void *)-1 ? NULL : at;
}

int ledger_find(uint32_t name)
{
	return segment_find(&segment, name, false);
}

static bool take(struct row *row, uint64_t was, uint64_t self, uint32_t space)
{
	if (!atomic_compare_exchange_strong(&row->owner, &was, self))
		return false;
	atomic_store(&row->claim, 0);
	atomic_store(&row->target, 0);
	atomic_store(&row->busy, 0);
	atomic_store(&row->calls, CALLS_NOT);
	atomic_store(&row->passed, 0);
	atomic_store(&row->lands, 0);
	for (int i = 0; i < LEDGER_MET; i++)
		atomic_store(&row->met[i], 0);
	atomic_store(&row->load_pct, 0);
	atomic_store(&row->quiet_ms, 0);
	atomic_store(&row->space, space);
	return true;
}

static bool is_namesake(struct row *row, uint64_t owner, uint64_t self, uint32_t space)
{
	return owner && ident_pid(owner) == ident_pid(self) && atomic_load(&row->space) == space;
}

/* Before our exec it was ours; or it was a namesake's, who must be dead. */
static struct row *claim_again(struct ledger *ledger, uint64_t self, uint32_t space)
{
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = atomic_load_explicit(&row->owner, memory_order_relaxed);

		if (is_namesake(row, owner, self, space) && take(row, owner, self, space))
			return row;
	}
	return NULL;
}

static struct row *claim_free(struct ledger *ledger, uint64_t self, uint32_t space)
{
	uint32_t start = (uint32_t)ident_pid(self) * 2654435761u >> 22;

	for (uint32_t i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[(start + i) % LEDGER_ROWS];
		uint64_t owner = atomic_load_explicit(&row->owner, memory_order_relaxed);

		if ((!owner || is_namesake(row, owner, self, space))
		    && take(row, owner, self, space))
			return row;
	}
	return NULL;
}

/*
 * Whose owner has done nothing for a second, and has nothing in flight: a child that only became
 * another program, most of all. Should it call, it takes a row anew.
 */
static struct row *claim_idle(struct ledger *ledger, uint64_t self, uint32_t space)
{
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = atomic_load(&row->owner);

		if (!atomic_load(&row->busy) && !atomic_load(&row->claim)
		    && atomic_load(&row->quiet_ms) >= IDLE_MS && take(row, owner, self, space))
			return row;
	}
	return NULL;
}

struct row *ledger_claim_new(struct ledger *ledger, uint64_t self, uint32_t space)
{
	struct row *row = claim_free(ledger, self, space);

	if (!row && ledger_reap(ledger, space) > 0)
		row = claim_free(ledger, self, space);
	if (!row)
		row = claim_idle(ledger, self, space);
	if (!row)
		atomic_fetch_add(&ledger->overflow, 1);
	return row;
}

struct row *ledger_claim(struct ledger *ledger, uint64_t self, uint32_t space)
{
	struct row *row = claim_again(ledger, self, space);

	return row ? row : ledger_claim_new(ledger, self, space);
}

void ledger_leave(struct row *row, uint64_t self)
{
	atomic_compare_exchange_strong(&row->owner, &self, 0);
}

int ledger_reap(struct ledger *ledger, uint32_t space)
{
	int reaped = 0;

	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = atomic_load(&row->owner);

		if (owner && ledger_is_of(row, space) && !ident_alive(owner)
		    && atomic_compare_exchange_strong(&row->owner, &owner, 0))
			reaped++;
	}
	return reaped;
}

int ledger_record(struct ledger *ledger, uint64_t job)
{
	for (int i = 0; i < LEDGER_RECORDS; i++) {
		struct record *record = &ledger->records[i];
		uint64_t was = atomic_load(&record->job);

		if ((was && ident_alive(was))
		    || !atomic_compare_exchange_strong(&record->job, &was, job))
			continue;
		atomic_store(&record->asked, 0);
		atomic_store(&record->given, 0);
		atomic_store(&record->started, 0);
		atomic_store(&record->runtimes, 0);
		return i;
	}
	return -1;
}

int ledger_budget(struct ledger *ledger)
{
	return budget_clamp(atomic_load(&ledger->budget), 1, BUDGET_MAX);
}

const char *ledger_level_text(enum level level)
{
	switch (level) {
	case LEVEL_INSIDE:
		return "every call, and inside";
	case LEVEL_CALLS:
		return "every call";
	case LEVEL_LOAD:
		return "at load only";
	case LEVEL_NONE:
		break;
	}
	return "not held, but by the fence";
}

int ledger_lower(struct row *row, int share, int flights)
{
	uint32_t claim = atomic_load(&row->claim);

	share = budget_clamp(share, 0, BUDGET_MAX);
	while (ledger_share_in(claim) > share && ledger_flights_in(claim) <= flights)
		if (atomic_compare_exchange_weak(&row->claim, &claim,
						 (uint32_t)share << LEDGER_SHARE_AT
							 | (uint32_t)ledger_flights_in(claim)
								   << LEDGER_FLIGHTS_AT))
			return share;
	return ledger_share_in(claim);
}

/* More calls of one thread each than it has cores run all the same. */
static int held(struct row *row)
{
	uint32_t claim = atomic_load(&row->claim);
	int share = ledger_share_in(claim), flights = ledger_flights_in(claim);

	return budget_clamp(share > flights ? share : flights, 1, BUDGET_MAX);
}

/* What is said of a job: the most that any of its guests says. Job 0 is none, and has no limit. */
static void add_job(struct ledger_taken *taken, struct row *row, int share)
{
	int cores = atomic_load(&row->job_cores);

	taken->job += share;
	if (taken->job_cores < cores)
		taken->job_cores = cores;
}

struct ledger_taken ledger_taken(struct ledger *ledger, const struct row *mine, uint64_t job)
{
	struct ledger_taken taken = { .job_cores = job ? 0 : INT_MAX };

	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		bool same = atomic_load_explicit(&row->job, memory_order_relaxed) == job;
		int share;

		if (row == mine && same)
			add_job(&taken, row, 0);
		if (row == mine || !atomic_load_explicit(&row->owner, memory_order_relaxed)
		    || !atomic_load(&row->busy))
			continue;
		share = held(row);
		taken.guests++;
		taken.all += share; /* 0: it is about to take one, or computes without us */
		if (same)
			add_job(&taken, row, share);
	}
	return taken;
}
