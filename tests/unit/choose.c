/* SPDX-License-Identifier: MIT */
/*
 * cli/choose.c on machines that are not here; most of it on one of 2 nodes x 4 cores x 2 threads,
 * numbered as Linux does: 0 to 7 are the first threads, node 0 has the even numbers.
 */
#include "cli/choose.h"

#include "cli/cpulist.h"
#include "tests/unit/unit.h"

enum { CPUS = 16 };

static struct choose_cpu cpus[CPUS];

static void idle_machine(void)
{
	for (int i = 0; i < CPUS; i++)
		cpus[i] = (struct choose_cpu){ .number = i, .node = i % 2, .core = i % 8 };
}

static struct mask choose(int want, uint32_t seed)
{
	struct choose_choice choice;

	ck_assert_int_eq(choose_cpus(cpus, CPUS, want, seed, &choice), 0);
	return choice.mask;
}

static int cores_of(const struct mask *mask)
{
	bool seen[CPUS] = { false };
	int count = 0;

	for (int i = 0; i < CPUS; i++)
		if (mask_has(mask, i) && !seen[cpus[i].core]) {
			seen[cpus[i].core] = true;
			count++;
		}
	return count;
}

static int nodes_of(const struct mask *mask)
{
	bool seen[2] = { false };

	for (int i = 0; i < CPUS; i++)
		if (mask_has(mask, i))
			seen[cpus[i].node] = true;
	return seen[0] + seen[1];
}

START_TEST(one_node_and_a_core_each_while_there_are)
{
	idle_machine();
	for (uint32_t seed = 0; seed < 100; seed++) {
		for (int want = 1; want <= 4; want++) {
			struct mask mask = choose(want, seed);

			ck_assert_int_eq(mask_count(&mask), want);
			ck_assert_int_eq(nodes_of(&mask), 1);
			ck_assert_int_eq(cores_of(&mask), want);
		}
	}
}
END_TEST

START_TEST(more_than_a_node_has_cores)
{
	struct mask five, eight, all;

	idle_machine();
	five = choose(5, 1);
	eight = choose(8, 1);
	all = choose(40, 1);
	ck_assert_int_eq(nodes_of(&five), 1);
	ck_assert_int_eq(cores_of(&five), 4);
	ck_assert_int_eq(cores_of(&eight), 8);
	ck_assert_int_eq(mask_count(&all), CPUS);
}
END_TEST

START_TEST(not_everybody_begins_at_the_same)
{
	struct mask first, other;
	int differ = 0;

	idle_machine();
	first = choose(2, 0);
	for (uint32_t seed = 1; seed < 50; seed++) {
		other = choose(2, seed * 2654435761u);
		differ += !mask_same(&first, &other);
	}
	ck_assert_int_gt(differ, 20);
}
END_TEST

/* Three users with four of sixteen: one after the other, each sees what is claimed. */
START_TEST(claims_of_others_are_seen)
{
	for (uint32_t seed = 0; seed < 100; seed++) {
		struct mask taken = { { 0 } };

		idle_machine();
		for (int user = 0; user < 4; user++) {
			struct mask mask = choose(4, seed * 31 + (uint32_t)user), both;

			both = mask_both(&mask, &taken);
			ck_assert_int_eq(mask_count(&both), 0);
			ck_assert_int_eq(nodes_of(&mask), 1);
			ck_assert_int_eq(cores_of(&mask), 4);
			for (int i = 0; i < CPUS; i++)
				if (mask_has(&mask, i)) {
					mask_add(&taken, i);
					cpus[i].claims++;
				}
		}
		ck_assert_int_eq(mask_count(&taken), CPUS);
	}
}
END_TEST

START_TEST(load_drives_away)
{
	struct mask mask;

	for (uint32_t seed = 0; seed < 100; seed++) {
		idle_machine();
		cpus[0].load = cpus[2].load = 0.9;
		mask = choose(4, seed);
		ck_assert(!mask_has(&mask, 0) && !mask_has(&mask, 2));
		ck_assert_int_eq(nodes_of(&mask), 1);
		for (int i = 1; i < 8; i += 2)
			cpus[i].load = 1;
		/* On node 0 two cores are free, and the other threads of two that are not. */
		mask = choose(2, seed);
		ck_assert(!mask_has(&mask, 0) && !mask_has(&mask, 2));
		ck_assert(!mask_has(&mask, 8) && !mask_has(&mask, 10));
	}
}
END_TEST

START_TEST(pins_of_our_own_attract)
{
	struct mask mask;

	idle_machine();
	cpus[5].pins = cpus[7].pins = 1;
	mask = choose(2, 3);
	ck_assert(mask_has(&mask, 5) && mask_has(&mask, 7));
}
END_TEST

START_TEST(another_place_is_compared_with_ours)
{
	struct choose_choice choice;

	idle_machine();
	ck_assert_int_eq(choose_cpus(cpus, CPUS, 4, 1, &choice), 0);
	ck_assert(choose_cost(cpus, CPUS, &choice.mask) < choice.cost + 0.01);
	for (int i = 0; i < CPUS; i++)
		cpus[i].load = mask_has(&choice.mask, i) ? 0.5 : 0;
	ck_assert(choose_cost(cpus, CPUS, &choice.mask) > choice.cost + 1.9);
}
END_TEST

START_TEST(masks_confine_as_a_cpuset_does)
{
	struct mask fence = { { 0x0f0 } }, wish = { { 0x033 } }, outside = { { 0x3 } },
		    all = { { 0xffff } }, none = { { 0 } }, got;
	char text[64];

	got = mask_confine(&wish, &fence, 0);
	ck_assert_str_eq(cpulist_text(&got, text, sizeof text), "4-5");
	got = mask_confine(&all, &fence, 7);
	ck_assert_str_eq(cpulist_text(&got, text, sizeof text), "4-7");
	for (int seed = 0; seed < 8; seed++) {
		got = mask_confine(&outside, &fence, seed);
		ck_assert_int_eq(mask_count(&got), 2);
		ck_assert(mask_within(&got, &fence) && mask_has(&got, 4 + seed % 4));
	}
	got = mask_confine(&wish, &none, 0);
	ck_assert_str_eq(cpulist_text(&got, text, sizeof text), "");
	ck_assert_str_eq(cpulist_text(&wish, text, sizeof text), "0-1,4-5");
	ck_assert_str_eq(cpulist_text(&wish, text, 18), "0-1...");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		one_node_and_a_core_each_while_there_are,
		more_than_a_node_has_cores,
		not_everybody_begins_at_the_same,
		claims_of_others_are_seen,
		load_drives_away,
		pins_of_our_own_attract,
		another_place_is_compared_with_ours,
		masks_confine_as_a_cpuset_does,
	};

	return unit_run("choose", tests, UNIT_COUNT(tests));
}
