/* SPDX-License-Identifier: MIT */
/* The rules are in the header; who is busy and who gets what is decided in budget.c. */
#include "core/round.h"

#include "core/ident.h"

/*
 * A guest of another pid namespace cannot be measured from here: its gates speak for
 * it. Nobody here sees it end, either: forgotten after a while of silence, it joins again
 * at its next gate, if it lives.
 */
enum { FOREIGN_QUIET_MS = 2000, FOREIGN_GONE_MS = 10 * 1000 };
/* With a call in flight it is heard no more until that ends; or never, if it was killed. */
enum { FOREIGN_FLIGHT_MS = 60 * 1000 };

/* /proc takes 8 us a process: so often a round, and every so many rounds, is it asked. */
enum { LOOKS = 12, DOUBT_EVERY = 4 };

/* A call in flight that uses no CPU for so long is stopped, or its thread is gone: it lends. */
enum { STOPPED_MS = 1000 };

/*
 * A forked child that has not had so much CPU yet is about to make its first call: if it was
 * crowded out meanwhile, by its siblings say, it keeps its part for it.
 */
enum { PRESUMED_NS = BUDGET_IDLE_MS * 1000000 };

/*
 * Take back what an idle guest holds. It may come to a gate at this very moment: it
 * writes passed before it looks at its share, we clear the share before we look at
 * passed, so one of the two sees the other, and no call runs uncounted.
 */
static void dismiss(struct row *row, bool busy)
{
	uint16_t share = atomic_exchange(&row->share, 0), none = 0;

	atomic_store(&row->target, 0);
	atomic_store(&row->calls, CALLS_NOT);
	atomic_store(&row->busy, busy);
	if (!atomic_load(&row->passed))
		return;
	atomic_store(&row->calls, CALLS);
	atomic_store(&row->busy, 1);
	atomic_store(&row->target, share);
	/* Unless it came after us, found nothing, and has taken what there is. */
	atomic_compare_exchange_strong(&row->share, &none, share);
}

/*
 * Crowded out is not idle: it would compute, had it a CPU. Who cannot be asked about waits. One
 * that is stopped in the middle of a team's region goes on with all of its threads.
 */
static bool would_compute(struct row *row, struct budget_watch *watch, int *looks)
{
	char state;

	if (--*looks < 0)
		return true;
	state = ident_state(ident_pid(atomic_load(&row->owner)));
	if (state == 'R' || state == 'D')
		watch->quiet_ms = 0;
	else if (state != 'T' && state != 't')
		return false;
	return watch->quiet_ms < STOPPED_MS;
}

static void judge(struct row *row, uint64_t cpu_ns, uint64_t now_ms, int *looks)
{
	uint64_t was_ns = atomic_load(&row->cpu_ns), seen_ms = atomic_load(&row->seen_ms);
	int elapsed_ms = now_ms > seen_ms ? budget_clamp((long)(now_ms - seen_ms), 0, 60000) : 0;
	struct budget_watch watch = {
		.calls = atomic_load(&row->calls) != CALLS_NOT,
		.presumed = atomic_load(&row->calls) == CALLS_PRESUMED,
		.busy = atomic_load(&row->busy),
		.load_pct = atomic_load(&row->load_pct),
		.quiet_ms = (int)atomic_load(&row->quiet_ms),
	};
	bool passed, called, lapsed;

	/* No time to judge by: what was used since stays for the next look. Far ahead: garbage. */
	if (elapsed_ms == 0 && seen_ms < now_ms + 60000)
		return;
	passed = atomic_exchange(&row->passed, 0);
	called = watch.calls;
	watch = budget_judge(watch, passed, cpu_ns > was_ns ? cpu_ns - was_ns : 0, elapsed_ms);
	lapsed = called && !watch.calls && (!watch.presumed || cpu_ns < PRESUMED_NS);
	if (called && !watch.calls && watch.quiet_ms < STOPPED_MS && atomic_load(&row->flights)) {
		watch.calls = watch.busy = true;
	} else if ((lapsed || (atomic_load(&row->busy) && !watch.busy))
		   && would_compute(row, &watch, looks)) {
		watch.calls |= lapsed;
		watch.busy = true;
	}
	atomic_store(&row->cpu_ns, cpu_ns);
	atomic_store(&row->seen_ms, now_ms);
	atomic_store(&row->load_pct, (uint16_t)budget_clamp(watch.load_pct, 0, 65535));
	atomic_store(&row->quiet_ms, (uint32_t)watch.quiet_ms);
	if (!watch.calls) {
		dismiss(row, watch.busy);
	} else {
		atomic_store(&row->calls, watch.presumed ? CALLS_PRESUMED : CALLS);
		atomic_store(&row->busy, 1);
	}
}

/*
 * Gone; or its pid belongs to a later process, since CPU time never runs backwards;
 * or it held cores and has not used any since the last look, as a zombie would.
 */
static bool departed(struct row *row, uint64_t owner, uint64_t *cpu_ns, int *looks)
{
	uint64_t was_ns = atomic_load(&row->cpu_ns);

	if (ident_cpu_ns(ident_pid(owner), cpu_ns) == 0 && *cpu_ns + 1000000 >= was_ns
	    && (*cpu_ns != was_ns || !atomic_load(&row->calls) || --*looks < 0))
		return false;
	return !ident_alive(owner);
}

static void look_at_foreigner(struct row *row, uint64_t owner, uint64_t now_ms)
{
	uint64_t seen_ms = atomic_load(&row->seen_ms);
	uint64_t silent_ms = now_ms > seen_ms ? now_ms - seen_ms : 0;

	/* Ahead of us by more than a late leader can be: garbage, and from now on known. */
	if (atomic_exchange(&row->passed, 0) || seen_ms > now_ms + FOREIGN_QUIET_MS) {
		atomic_store(&row->seen_ms, now_ms);
	} else if (silent_ms > FOREIGN_GONE_MS && !atomic_load(&row->busy)) {
		atomic_compare_exchange_strong(&row->owner, &owner, 0);
	} else if (silent_ms
		   > (atomic_load(&row->flights) ? FOREIGN_FLIGHT_MS : FOREIGN_QUIET_MS)) {
		dismiss(row, false);
	}
}

static void look_at(struct row *row, uint64_t owner, uint32_t space, uint64_t now_ms, int *looks)
{
	uint64_t cpu_ns = 0;

	if (!ledger_is_of(row, space))
		look_at_foreigner(row, owner, now_ms);
	else if (departed(row, owner, &cpu_ns, looks))
		atomic_compare_exchange_strong(&row->owner, &owner, 0);
	else
		judge(row, cpu_ns, now_ms, looks);
}

/* Now and then an owner is looked up in /proc: zombies and reused pids do not stay. */
static void doubt(struct ledger *ledger, uint32_t space)
{
	uint32_t start = atomic_load(&ledger->next_doubt);

	for (uint32_t i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[(start + i) % LEDGER_ROWS];
		uint64_t owner = atomic_load(&row->owner);

		if (!owner || !ledger_is_of(row, space))
			continue;
		if (!ident_alive(owner))
			atomic_compare_exchange_strong(&row->owner, &owner, 0);
		atomic_store(&ledger->next_doubt, (start + i + 1) % LEDGER_ROWS);
		return;
	}
}

/* Beginning with another one each time, so that everybody's turn comes to be looked up. */
static void look_at_all(struct ledger *ledger, uint64_t now_ms, uint32_t space)
{
	uint32_t round = atomic_fetch_add(&ledger->rounds, 1);
	int looks = LOOKS;

	if (round % DOUBT_EVERY == 0)
		doubt(ledger, space);
	for (uint32_t i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[(round * 37 + i) % LEDGER_ROWS];
		uint64_t owner = atomic_load_explicit(&row->owner, memory_order_relaxed);

		if (owner)
			look_at(row, owner, space, now_ms, &looks);
	}
}

static size_t list_busy(struct ledger *ledger, struct round_room *room)
{
	size_t count = 0;

	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		if (!atomic_load(&row->owner) || !atomic_load(&row->busy))
			continue;
		room->row[count] = (uint16_t)i;
		room->guests[count++] = (struct budget_guest){
			.job = atomic_load(&row->job),
			.job_cores = atomic_load(&row->job_cores),
			.wish = atomic_load(&row->calls) ? atomic_load(&row->wish) : 1,
		};
	}
	return count;
}

/* Who has no call in flight pays back at once; the others do when their calls end. */
static void give(struct row *row, int target)
{
	atomic_store(&row->target, (uint16_t)target);
	if (atomic_load(&row->lands))
		ledger_lower(row, target, 0);
}

bool round_lead(struct ledger *ledger, uint64_t now_ms, uint32_t space, struct round_room *room)
{
	uint64_t next = atomic_load(&ledger->next_round_ms), after;
	int cores = ledger_budget(ledger);
	size_t count;

	if (!round_due(ledger, now_ms))
		return false;
	after = next > now_ms && next <= now_ms + ROUND_EARLY_MS ? next : now_ms;
	if (!atomic_compare_exchange_strong(&ledger->next_round_ms, &next, after + ROUND_MS))
		return false;
	atomic_store(&ledger->hastened, 0);
	look_at_all(ledger, now_ms, space);
	count = list_busy(ledger, room);
	budget_divide(room->guests, count, cores, &room->budget);
	for (size_t i = 0; i < count; i++)
		give(&ledger->rows[room->row[i]], room->guests[i].share);
	atomic_store(&ledger->round_ms, now_ms);
	atomic_fetch_add(&ledger->generation, 1);
	return true;
}
