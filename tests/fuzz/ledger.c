/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for all that a guest does with shared memory that its user can write (`make
 * fuzz-ledger`; libFuzzer): any bytes may stand there. Rows are claimed within it, rounds end and
 * give nobody more than there is, and sums stay numbers.
 */
#define _GNU_SOURCE
#include "core/ledger.h"
#include "core/family.h"
#include "core/fence.h"
#include "core/ident.h"
#include "core/round.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct ledger ledger;
static struct fences fences;

static void insist(bool holds)
{
	if (!holds)
		abort();
}

/* Both begin with them; the rows of a ledger from another place on for each first byte. */
static void fill(const uint8_t *bytes, size_t size)
{
	size_t head = offsetof(struct ledger, rows), from = bytes[0] * 4 * sizeof(struct row);
	size_t rest = size > head ? size - head : 0;

	memset(&ledger, 0, sizeof ledger);
	memset(&fences, 0, sizeof fences);
	memcpy(&fences, bytes, size < sizeof fences ? size : sizeof fences);
	memcpy(&ledger, bytes, size < head ? size : head);
	if (rest > sizeof ledger - head - from)
		rest = sizeof ledger - head - from;
	memcpy((char *)ledger.rows + from, bytes + (size - rest), rest);
}

/* Some look alive, or what is done with those would hardly be reached. */
static void enliven(const uint8_t *bytes, size_t size)
{
	static uint64_t self;
	static uint32_t space;

	if (!self) {
		self = ident_self();
		space = ident_namespace();
	}
	for (size_t i = 0; i < 32 && i < size; i++) {
		struct row *row = &ledger.rows[(bytes[0] * 4 + i) % LEDGER_ROWS];

		if (bytes[i] & 1)
			atomic_store(&row->owner, self);
		if (bytes[i] & 2)
			atomic_store(&row->space, space);
		if (bytes[i] & 4)
			atomic_store(&row->busy, 1);
		if (bytes[i] & 8)
			atomic_store(&fences.rows[i].owner, self);
		if (bytes[i] & 16)
			atomic_store(&fences.rows[i].state, FENCE_RAISED);
		if (bytes[i] & 32)
			atomic_store(&fences.rows[i].space, space);
	}
}

static void check_round(void)
{
	static struct round_room room;
	uint64_t now_ms = ident_now_ms();
	long sum = 0, busy = 0;

	if (!round_lead(&ledger, now_ms, ident_namespace(), &room))
		return;
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger.rows[i];

		if (!atomic_load(&row->owner) || !atomic_load(&row->busy))
			continue;
		insist(atomic_load(&row->target) >= 1);
		busy++;
		sum += atomic_load(&row->target);
	}
	insist(sum <= (busy > ledger_budget(&ledger) ? busy : ledger_budget(&ledger)));
	insist(!round_due(&ledger, now_ms));
}

static void check_row(struct row *row, uint64_t job)
{
	struct ledger_taken taken = ledger_taken(&ledger, row, job);
	int share = atomic_load(&row->share), now;

	insist(taken.guests >= 0 && taken.guests < LEDGER_ROWS);
	insist(taken.all >= taken.guests && taken.all <= LEDGER_ROWS * BUDGET_MAX);
	insist(taken.job >= 0 && taken.job <= taken.all);
	now = budget_take(budget_clamp(atomic_load(&row->target), 1, BUDGET_MAX), share,
			  ledger_budget(&ledger) - taken.all, taken.job_cores - taken.job);
	insist(now >= 1);
	now = ledger_lower(row, (int)(job % 5), 1);
	insist(now <= share || now == (int)(job % 5));
	ledger_land(row);
	insist(atomic_load(&row->flights) < 0xffff || share == 0);
}

static void check_fences(uint64_t job)
{
	struct fence_row *row = fence_claim(&fences, ident_self(), ident_namespace());
	struct mask mask = { { 0 } }, given, wish = { { 5 } };

	insist(!row || (row >= fences.rows && row < fences.rows + FENCE_ROWS));
	if (fence_of(&fences, job, (int)(job % 7), NULL, &mask)) {
		insist(mask_count(&mask) > 0);
		given = mask_confine(&wish, &mask, (int)job);
		insist(mask_count(&given) > 0 && mask_within(&given, &mask));
	}
	if (row)
		fence_leave(row, ident_self());
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint64_t job = 0;
	struct row *row;
	int record;

	if (size < 64)
		return 0;
	fill(bytes, size);
	enliven(bytes, size);
	memcpy(&job, bytes + size - sizeof job, sizeof job);
	check_round();
	row = bytes[1] & 1 ? ledger_claim(&ledger, ident_self(), ident_namespace())
			   : ledger_claim_new(&ledger, ident_self(), ident_namespace());
	insist(!row || (row >= ledger.rows && row < ledger.rows + LEDGER_ROWS));
	if (row)
		check_row(row, job);
	check_row(&ledger.rows[bytes[0] * 4 % LEDGER_ROWS], job);
	record = ledger_record(&ledger, job | 1);
	insist(record >= -1 && record < LEDGER_RECORDS);
	insist(family_pending(&ledger, ident_namespace(), (int)bytes[2]) >= 0);
	check_fences(job);
	ledger_reap(&ledger, ident_namespace());
	return 0;
}
