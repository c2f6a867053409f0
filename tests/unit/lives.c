/* SPDX-License-Identifier: MIT */
/*
 * The policy as a whole, in virtual time (simulate.h): programs of all kinds come,
 * call, rest, compute and are killed, at random, the same in every run.
 */
#include "tests/unit/fair.h"

/* Cores that someone could use, and nobody has, are not so for more than two rounds. */
START_TEST(no_core_lies_idle)
{
	static const struct sim_guest *list[SIM_GUESTS];
	int below_ms = 0;

	sim_begin(24, 89);
	for (int ms = 0; ms < 20000; ms++) {
		int index = drawn(0, 15), held = 0, could = 0;
		size_t count;

		if (ms % 250 == 0 && sim_guests[index].row)
			sim_kill(index);
		else if (ms % 250 == 0)
			sim_join(index, (uint64_t)index % 3 + 1, 24, drawn(1, 24), 1);
		pass(1);
		count = list_callers(list);
		for (size_t i = 0; i < count; i++) {
			held += list[i]->row->share;
			could += list[i]->wish;
		}
		below_ms = held < (could < 24 ? could : 24) ? below_ms + 1 : 0;
		UNIT_MUST(below_ms <= 2 * ROUND_MS, "%d held of %d at %d ms", held, could, ms);
	}
}
END_TEST

static void come_or_go(int index, int budget, uint64_t seed)
{
	int job = drawn(0, JOBS), cores = job ? 1 + (int)(seed * (uint64_t)job) % budget : budget;
	struct sim_guest *guest = &sim_guests[index];

	if (guest->row && drawn(0, 9) == 0) {
		sim_kill(index);
	} else if (!guest->row && drawn(0, 3) == 0) {
		sim_join(index, (uint64_t)job, cores, drawn(1, cores), drawn(0, 30));
		guest->habit = (struct sim_habit){ .call = { 1, 1 << drawn(0, 11) },
						   .rest = { 1, 1 << drawn(0, 9) },
						   .rest_pct = drawn(0, 30),
						   .compute_pct = drawn(0, 20) };
	}
}

/* At the end all calls are short, and the last of the long ones has come to its end. */
static void live(int most, int budget, int machine, uint64_t seed)
{
	sim_begin(budget, seed);
	sim_machine = machine;
	for (int ms = 0; ms < 2500; ms++) {
		come_or_go(drawn(0, most - 1), budget, seed);
		pass(1);
	}
	for (int i = 0; i < SIM_GUESTS; i++)
		sim_guests[i].habit = (struct sim_habit){ .call = { 1, 3 } };
	pass(2700);
	expect_fair();
}

START_TEST(whatever_comes_the_bound_holds)
{
	live(8, 6, 6, 97);
	live(8, 6, 1 << 20, 101);
	live(40, 64, 64, 103);
	live(200, 32, 64, 107);
}
END_TEST

START_TEST(nobody_grows_into_the_core_of_a_newcomer)
{
	live(8, 6, 1 << 20, 109);
	ck_assert_int_eq(sim_grown_into, 0);
	live(40, 64, 1 << 20, 113);
	ck_assert_int_eq(sim_grown_into, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		no_core_lies_idle,
		whatever_comes_the_bound_holds,
		nobody_grows_into_the_core_of_a_newcomer,
	};

	return unit_run("lives", tests, UNIT_COUNT(tests));
}
