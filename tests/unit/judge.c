/* SPDX-License-Identifier: MIT */
/* core/budget.c, who is busy: a guest's days, told in CPU time a round of 20 ms. */
#include "core/budget.h"

#include "tests/unit/unit.h"

#include <limits.h>
#include <stdlib.h>

enum { MS = 1000000, ROUND = 20 };

static const struct budget_watch caller = { .calls = true, .busy = true };

/* So many rounds of elapsed_ms each, in which cpu_pct of a core was used and no gate passed. */
static struct budget_watch spend(struct budget_watch guest, int rounds, int elapsed_ms, int cpu_pct)
{
	while (rounds-- > 0)
		guest = budget_judge(guest, false, (uint64_t)elapsed_ms * cpu_pct * (MS / 100),
				     elapsed_ms);
	return guest;
}

START_TEST(a_gate_makes_busy_at_once)
{
	struct budget_watch guest = budget_judge((struct budget_watch){ 0 }, true, 0, ROUND);

	ck_assert(guest.calls && guest.busy);
	guest = spend(guest, 1000, ROUND, 0);
	ck_assert(!guest.calls && !guest.busy);
	guest = budget_judge(guest, true, 0, ROUND);
	ck_assert(guest.calls && guest.busy);
	ck_assert_int_eq(guest.quiet_ms, 0);
}
END_TEST

START_TEST(nobody_is_busy_for_being_there)
{
	ck_assert(!spend((struct budget_watch){ 0 }, 1, ROUND, 0).busy);
	ck_assert(!spend((struct budget_watch){ 0 }, 100, ROUND, 5).busy);
}
END_TEST

/* Whatever it did before: a quiet guest is idle after BUDGET_IDLE_MS, not much later. */
START_TEST(a_quiet_caller_is_idle_after_100_ms)
{
	static const int loads[] = { 0, 5, 100, 200, 600, 6400 };

	for (size_t i = 0; i < UNIT_COUNT(loads); i++) {
		struct budget_watch guest = spend(caller, 100, ROUND, loads[i]);

		guest = budget_judge(guest, true, (uint64_t)ROUND * loads[i] * (MS / 100), ROUND);
		guest = spend(guest, BUDGET_IDLE_MS / ROUND - 1, ROUND, 0);
		ck_assert_msg(guest.calls && guest.busy, "after %d %%: idle too soon", loads[i]);
		guest = spend(guest, 1, ROUND, 0);
		ck_assert_msg(!guest.calls, "after %d %%: still calling", loads[i]);
		ck_assert_msg(!guest.busy, "after %d %%: still busy, load %d %%", loads[i],
			      guest.load_pct);
	}
}
END_TEST

/* It has joined, and loads its libraries, or is a parent that never calls. */
START_TEST(a_newcomer_has_100_ms_to_prove_itself)
{
	struct budget_watch guest = { .calls = true, .presumed = true, .busy = true }, proven;

	guest = spend(guest, BUDGET_IDLE_MS / ROUND - 1, ROUND, 100);
	ck_assert(guest.calls && guest.presumed && guest.busy);
	proven = budget_judge(guest, true, 0, ROUND);
	ck_assert(proven.calls && !proven.presumed);
	ck_assert(spend(proven, 1000, ROUND, 100).calls);
	guest = spend(guest, 1, ROUND, 100);
	ck_assert(!guest.calls);
	ck_assert(guest.busy); /* with one core, while it computes */
	ck_assert(!spend(guest, 100, ROUND, 0).busy);
}
END_TEST

/* However the rounds lie: seldom, or hastened by newcomers to one a millisecond. */
START_TEST(so_it_is_whenever_the_rounds_come)
{
	static const int steps[] = { 1, 2, 5, 10, 25, 50, 100, 1000, 60000 };

	for (size_t i = 0; i < UNIT_COUNT(steps); i++) {
		int rounds = (BUDGET_IDLE_MS + steps[i] - 1) / steps[i];
		struct budget_watch guest = spend(spend(caller, 50, ROUND, 100), 1, steps[i], 100);

		ck_assert_msg(spend(guest, rounds - 1, steps[i], 0).busy, "%d ms", steps[i]);
		guest = spend(guest, rounds, steps[i], 0);
		ck_assert_msg(!guest.calls, "rounds of %d ms: calls", steps[i]);
		ck_assert_msg(!guest.busy, "rounds of %d ms: load %d %%", steps[i], guest.load_pct);
	}
}
END_TEST

/* A factorisation that runs for minutes passes no gate; nor does a barrier that spins. */
START_TEST(a_long_call_keeps_its_claim)
{
	ck_assert(spend(caller, 60000, ROUND, 100).calls);
	ck_assert(spend(caller, 60000, ROUND, 600).calls);
}
END_TEST

/* 18 to a core, each for 3 ms in turn (the kernel's slice): it computes all the time. */
static void crowd_out(int elapsed_ms)
{
	struct budget_watch guest = caller;
	uint64_t used_ns = 0;

	for (int ms = 1; ms <= 20000; ms++) {
		used_ns += ms % 54 < 3 ? MS : 0;
		if (ms % elapsed_ms)
			continue;
		guest = budget_judge(guest, false, used_ns, elapsed_ms);
		used_ns = 0;
		UNIT_MUST(guest.calls && guest.busy, "idle at %d ms, rounds of %d ms", ms,
			  elapsed_ms);
	}
}

START_TEST(who_is_crowded_out_stays_busy)
{
	crowd_out(ROUND);
}
END_TEST

START_TEST(so_it_does_whenever_the_rounds_come)
{
	for (int elapsed_ms = 1; elapsed_ms <= 200; elapsed_ms++)
		crowd_out(elapsed_ms);
}
END_TEST

/* The parent of a pool: it hands out tasks, a few milliseconds at a time. */
START_TEST(a_parent_that_pickles_takes_no_core)
{
	struct budget_watch parent = { 0 };

	for (int task = 0; task < 500; task++) {
		parent = spend(parent, 1, ROUND, 100);
		ck_assert_msg(!parent.busy, "task %d, load %d %%", task, parent.load_pct);
		parent = spend(parent, 4, ROUND, 0);
		ck_assert(!parent.busy);
	}
}
END_TEST

START_TEST(who_computes_for_long_takes_one_core)
{
	static const int steps[] = { 1, 2, 5, 10, 20, 50, 100 };

	for (size_t i = 0; i < UNIT_COUNT(steps); i++) {
		struct budget_watch guest =
			spend((struct budget_watch){ 0 }, 200 / steps[i], steps[i], 100);

		ck_assert_msg(guest.busy, "rounds of %d ms: load %d %%", steps[i], guest.load_pct);
		ck_assert(!guest.calls); /* it claims one core, not its wish */
		guest = spend(guest, 400 / steps[i], steps[i], 0);
		ck_assert_msg(!guest.busy, "rounds of %d ms: load %d %%", steps[i], guest.load_pct);
	}
}
END_TEST

START_TEST(between_light_and_heavy_nothing_changes)
{
	struct budget_watch idle = spend((struct budget_watch){ 0 }, 500, ROUND, 40), busy = idle;

	ck_assert(!idle.busy);
	busy = spend(busy, 50, ROUND, 100);
	ck_assert(busy.busy);
	busy = spend(busy, 500, ROUND, 40);
	ck_assert(busy.busy);
	ck_assert(!spend(busy, 50, ROUND, 20).busy);
	for (int i = 0; i < 500; i++) { /* a load that wavers around either bound alone */
		busy = spend(busy, 1, ROUND, i % 2 ? 35 : 60);
		idle = spend(idle, 1, ROUND, i % 2 ? 25 : 48);
		ck_assert(busy.busy && !idle.busy);
	}
}
END_TEST

START_TEST(the_load_is_an_average_in_percent_of_a_core)
{
	static const int loads[] = { 0, 30, 50, 100 };

	for (size_t i = 0; i < UNIT_COUNT(loads); i++) {
		struct budget_watch guest = spend(caller, 200, ROUND, loads[i]);

		ck_assert_int_ge(guest.load_pct, loads[i] - 5);
		ck_assert_int_le(guest.load_pct, loads[i]);
	}
	ck_assert_int_eq(spend((struct budget_watch){ 0 }, 1, ROUND, 100).load_pct, 20);
	ck_assert_int_eq(spend((struct budget_watch){ 0 }, 1, BUDGET_LOAD_MS, 70).load_pct, 70);
	ck_assert_int_eq(spend((struct budget_watch){ 0 }, 1, 5000, 70).load_pct, 70);
}
END_TEST

/* Of the ledger, where anyone can write: no overflow, and back to sense with the next rounds. */
START_TEST(garbage_passes)
{
	static const int odd[] = { 0, -1, 1, 65535, INT_MAX, INT_MIN, 60000 };
	static const uint64_t used[] = { 0, 1, UINT64_MAX, INT64_MAX };
	uint64_t seed = 23;

	for (int i = 0; i < 20000; i++) {
		struct budget_watch guest = {
			.calls = unit_random(&seed, 0, 1),
			.presumed = unit_random(&seed, 0, 1),
			.busy = unit_random(&seed, 0, 1),
			.load_pct = odd[unit_random(&seed, 0, 3)],
			.quiet_ms = odd[unit_random(&seed, 0, 6)],
		};

		guest = budget_judge(guest, unit_random(&seed, 0, 1),
				     used[unit_random(&seed, 0, 3)], odd[unit_random(&seed, 0, 6)]);
		UNIT_MUST(guest.load_pct >= -1 && guest.load_pct <= 100 * BUDGET_MAX, "load %d",
			  guest.load_pct);
		UNIT_MUST(guest.quiet_ms >= 0, "quiet for %d ms", guest.quiet_ms);
		guest = spend(guest, 200, ROUND, 0);
		UNIT_MUST(!guest.calls && !guest.busy, "still busy, load %d", guest.load_pct);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_gate_makes_busy_at_once,
		nobody_is_busy_for_being_there,
		a_quiet_caller_is_idle_after_100_ms,
		a_newcomer_has_100_ms_to_prove_itself,
		so_it_is_whenever_the_rounds_come,
		a_long_call_keeps_its_claim,
		who_is_crowded_out_stays_busy,
		so_it_does_whenever_the_rounds_come,
		a_parent_that_pickles_takes_no_core,
		who_computes_for_long_takes_one_core,
		between_light_and_heavy_nothing_changes,
		the_load_is_an_average_in_percent_of_a_core,
		garbage_passes,
	};

	return unit_run("judge", tests, UNIT_COUNT(tests));
}
