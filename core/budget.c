/* SPDX-License-Identifier: MIT */
/* The rules are in the header. Levels are found by bisection: 1000 guests cost microseconds. */
#include "core/budget.h"

int budget_clamp(long value, int low, int high)
{
	if (value < low)
		return low;
	return value > high ? high : (int)value;
}

int budget_take(int target, int share, int left, int left_in_job)
{
	int most = left < left_in_job ? left : left_in_job;

	if (share < 1)
		share = 1;
	if (target <= share)
		return target;
	return budget_clamp(most, share, target);
}

static long filled_to(const struct claim *claims, size_t count, int level)
{
	long sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += budget_clamp(level, claims[i].low, claims[i].high);
	return sum;
}

void budget_fill(struct claim *claims, size_t count, int cores)
{
	int level = 0, above = budget_clamp(cores, 0, BUDGET_MAX) + 1;
	long rest;

	while (above - level > 1) {
		int middle = level + (above - level) / 2;

		if (filled_to(claims, count, middle) <= cores)
			level = middle;
		else
			above = middle;
	}
	rest = cores - filled_to(claims, count, level);
	for (size_t i = 0; i < count; i++) {
		struct claim *claim = &claims[i];

		claim->share = budget_clamp(level, claim->low, claim->high);
		if (rest > 0 && claim->share == level && claim->high > level) {
			claim->share++;
			rest--;
		}
	}
}

/* Where in a table of size places (a power of two) a job stands, or could stand. */
static size_t job_slot(const struct budget_room *room, size_t size, uint64_t job)
{
	size_t slot = (size_t)(job * 0x9e3779b97f4a7c15u >> 40) & (size - 1);

	while (room->cores[slot] && room->jobs[slot] != job)
		slot = (slot + 1) & (size - 1);
	return slot;
}

static int most_of(const struct budget_guest *guest)
{
	int cores = budget_clamp(guest->job_cores, 1, BUDGET_MAX);

	return budget_clamp(guest->wish, 1, cores);
}

/* A job claims a core for each of its guests, and no more than they can use. */
static void claim_for_jobs(const struct budget_guest *guests, size_t count,
			   struct budget_room *room, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		room->cores[i] = 0;
		room->job_claims[i] = (struct claim){ 0 };
	}
	for (size_t i = 0; i < count; i++) {
		int cores = budget_clamp(guests[i].job_cores, 1, BUDGET_MAX);
		size_t slot = job_slot(room, size, guests[i].job);

		room->slot[i] = (uint16_t)slot;
		room->jobs[slot] = guests[i].job;
		/* One that is pinned to fewer speaks for itself, not for its job. */
		if (cores > room->cores[slot])
			room->cores[slot] = cores;
		room->job_claims[slot].low++;
		room->job_claims[slot].high += most_of(&guests[i]);
	}
	for (size_t i = 0; i < size; i++) {
		struct claim *claim = &room->job_claims[i];
		/* No job: each of them stands under the user for itself. */
		int cores = room->jobs[i] ? room->cores[i] : BUDGET_MAX * BUDGET_GUESTS;
		int most = cores > claim->low ? cores : claim->low;

		claim->high = budget_clamp(claim->high, claim->low, most);
	}
}

/* Lay the claims of the guests out job by job; order within a job is kept. */
static void claim_for_guests(const struct budget_guest *guests, size_t count,
			     struct budget_room *room, size_t size)
{
	int next = 0;

	for (size_t i = 0; i < size; i++) {
		room->first[i] = next;
		next += room->job_claims[i].low;
	}
	for (size_t i = 0; i < count; i++)
		room->guest_claims[room->first[room->slot[i]]++] =
			(struct claim){ .low = 1, .high = most_of(&guests[i]) };
	for (size_t i = 0; i < size; i++)
		room->first[i] -= room->job_claims[i].low;
}

void budget_divide(struct budget_guest *guests, size_t count, int cores, struct budget_room *room)
{
	size_t size = 2;

	cores = budget_clamp(cores, 0, BUDGET_MAX);
	for (size_t i = BUDGET_GUESTS; i < count; i++)
		guests[i].share = 1;
	if (count > BUDGET_GUESTS)
		count = BUDGET_GUESTS;
	while (size < 2 * count)
		size *= 2;
	claim_for_jobs(guests, count, room, size);
	claim_for_guests(guests, count, room, size);
	budget_fill(room->job_claims, size, cores);
	for (size_t i = 0; i < size; i++)
		budget_fill(&room->guest_claims[room->first[i]], (size_t)room->job_claims[i].low,
			    room->job_claims[i].share);
	for (size_t i = 0; i < count; i++)
		guests[i].share = room->guest_claims[room->first[room->slot[i]]++].share;
}

struct budget_watch budget_judge(struct budget_watch was, bool passed, uint64_t used_ns,
				 int elapsed_ms)
{
	struct budget_watch now = was;
	int span = budget_clamp(elapsed_ms, 0, BUDGET_LOAD_MS);
	long used_pct = was.load_pct, step;
	bool heavy;

	if (elapsed_ms > 0)
		used_pct = budget_clamp((long)(used_ns / 10000 / (uint64_t)elapsed_ms), 0,
					100 * BUDGET_MAX);
	step = (used_pct - was.load_pct) * span;
	/* Rounded away from zero: many short rounds come to what one long round does. */
	if (step)
		step += (step > 0 ? 1 : -1) * (BUDGET_LOAD_MS - 1);
	now.load_pct += (int)(step / BUDGET_LOAD_MS);
	now.presumed = was.presumed && !passed;
	/* A waiting guest wakes now and then; one crowded out still gets slices of 3 ms. */
	if (passed || (elapsed_ms > 0 && used_pct > 1 && !was.presumed))
		now.quiet_ms = 0;
	else
		now.quiet_ms = budget_clamp((long)was.quiet_ms + elapsed_ms, 0, 60000);
	now.calls = (was.calls || passed) && now.quiet_ms < BUDGET_IDLE_MS;
	heavy = now.load_pct >= (was.busy && !was.calls ? BUDGET_LIGHT_PCT : BUDGET_HEAVY_PCT);
	/* Of a presumed one quiet_ms says nothing about its CPU time. */
	now.busy = now.calls || (heavy && (now.quiet_ms < BUDGET_IDLE_MS || was.presumed));
	return now;
}
