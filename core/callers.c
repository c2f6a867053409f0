/* SPDX-License-Identifier: MIT */
/* A CPU clock is read once in CALLERS_NEAR_MS of a thread, and only of those who are away. */
#include "core/callers.h"

#include "core/ident.h"

enum {
	AGAIN_MS = CALLERS_NEAR_MS / 4, /* a thread that comes more often is not noted each time */
	PART = 16, /* of the time is enough: a sleeper has less, who waits for workers more */
};

/* Another thread may have written a later time than ours. The clock goes round in 49 days. */
static uint32_t since(uint32_t then_ms, uint32_t now_ms)
{
	uint32_t ms = now_ms - then_ms;

	return ms < UINT32_MAX / 2 + UINT32_MAX / 4 ? ms : 0;
}

static bool is_overdue(struct callers_seat *caller, uint32_t now_ms)
{
	return since(atomic_load(&caller->came_ms), now_ms)
	       > CALLERS_FAR_MS + 2u * atomic_load(&caller->away_ms);
}

/* Away for longer than NEAR: whoever changes seen_ms is the one who looks. */
static bool still_computes(struct callers_seat *caller, uint32_t now_ms)
{
	uint32_t thread = atomic_load(&caller->thread), seen_ms = atomic_load(&caller->seen_ms);
	uint32_t ms = since(seen_ms, now_ms);
	uint64_t now_ns, was_ns;

	if (ms <= CALLERS_NEAR_MS
	    || !atomic_compare_exchange_strong(&caller->seen_ms, &seen_ms, now_ms))
		return atomic_load(&caller->computes);
	if (ident_thread_ns((int)thread, &now_ns) != 0) { /* it has ended */
		atomic_compare_exchange_strong(&caller->thread, &thread, 0);
		return false;
	}
	was_ns = atomic_exchange(&caller->cpu_ns, now_ns);
	atomic_store(&caller->computes, (now_ns - was_ns) * PART > ms * 1000000ull);
	return atomic_load(&caller->computes);
}

static bool counts(struct callers_seat *caller, uint32_t now_ms)
{
	if (!atomic_load(&caller->thread))
		return false;
	return since(atomic_load(&caller->came_ms), now_ms) <= CALLERS_NEAR_MS
	       || (!is_overdue(caller, now_ms) && still_computes(caller, now_ms));
}

/* One that is free, or was of a thread that will not come back. */
static int take_seat(struct callers_seat *callers, uint32_t thread, uint32_t now_ms)
{
	for (int i = 0; i < CALLERS_SEATS; i++) {
		uint32_t was = atomic_load(&callers[i].thread);

		if ((!was || is_overdue(&callers[i], now_ms))
		    && atomic_compare_exchange_strong(&callers[i].thread, &was, thread))
			return i;
	}
	return -1;
}

static void note(struct callers_seat *caller, uint32_t thread, uint32_t now_ms)
{
	uint64_t now_ns;

	atomic_store(&caller->came_ms, now_ms);
	if (ident_thread_ns((int)thread, &now_ns) != 0)
		return;
	atomic_store(&caller->cpu_ns, now_ns);
	atomic_store(&caller->seen_ms, now_ms);
	atomic_store(&caller->computes, true);
}

int callers_come(struct callers_seat *callers, int seat, uint32_t thread, uint32_t now_ms)
{
	struct callers_seat *caller;
	uint32_t away_ms, was_ms;

	if (seat < 0 || seat >= CALLERS_SEATS || atomic_load(&callers[seat].thread) != thread) {
		seat = take_seat(callers, thread, now_ms);
		if (seat < 0)
			return -1;
		atomic_store(&callers[seat].away_ms, 0);
		note(&callers[seat], thread, now_ms);
		return seat;
	}
	caller = &callers[seat];
	away_ms = since(atomic_load(&caller->came_ms), now_ms);
	if (away_ms < AGAIN_MS)
		return seat;
	was_ms = atomic_load(&caller->away_ms);
	if (away_ms < was_ms) /* a long call is forgotten in some forty short ones */
		away_ms = was_ms - was_ms / 8;
	if (away_ms > CALLERS_MOST_MS)
		away_ms = CALLERS_MOST_MS;
	atomic_store(&caller->away_ms, (uint16_t)away_ms);
	note(caller, thread, now_ms);
	return seat;
}

void callers_go(struct callers_seat *callers, int seat, uint32_t thread)
{
	if (seat >= 0 && seat < CALLERS_SEATS)
		atomic_compare_exchange_strong(&callers[seat].thread, &thread, 0);
}

int callers_count(struct callers_seat *callers, int seat, uint32_t now_ms)
{
	int count = 1;

	for (int i = 0; i < CALLERS_SEATS; i++)
		count += i != seat && counts(&callers[i], now_ms);
	return count;
}

bool callers_compute(struct callers_seat *callers, uint32_t thread)
{
	for (int i = 0; i < CALLERS_SEATS; i++) {
		uint32_t other = atomic_load(&callers[i].thread);
		uint64_t now_ns;

		if (other && other != thread && ident_thread_ns((int)other, &now_ns) == 0
		    && now_ns != atomic_load(&callers[i].cpu_ns) && ident_is_busy((int)other))
			return true;
	}
	return false;
}
