/* SPDX-License-Identifier: MIT */
/* cli/glance.c and cli/pace.c: what is used between two looks, and when the next one is. */
#define _GNU_SOURCE
#include "cli/pace.h"

#include "cli/excess.h"
#include "tests/unit/unit.h"

#include <errno.h>

static struct queue seen;
static struct glance glance;

static void see(pid_t pid)
{
	struct queue_entry entry = { .pid = pid };

	ident_cpu_ns(pid, &entry.used_ns);
	ck_assert_int_eq(queue_add(&seen, entry), 0);
}

/* CPU that is seen to be used, once it is as much as that. */
static double used(double least_s)
{
	double used_s = 0;

	for (int i = 0; i < 5000 && used_s <= least_s; i++) {
		unit_sleep_ms(1);
		ck_assert_int_eq(glance_look(&glance, &used_s), 0);
	}
	return used_s;
}

static void spin_below(void *unused)
{
	unit_child(unit_spin, unused);
	unit_wait(unused);
}

START_TEST(what_processes_use)
{
	double used_s;

	see(getpid()); /* the root */
	see(unit_child(unit_wait, NULL));
	ck_assert_int_eq(glance_begin(&glance, &seen), 0);
	ck_assert_int_eq(glance_look(&glance, &used_s), 0);
	ck_assert(used_s < 0.01);
	see(unit_child(unit_spin, NULL));
	ck_assert_int_eq(glance_begin(&glance, &seen), 0);
	ck_assert(used(0.05) > 0.05);
}
END_TEST

START_TEST(those_too_that_began_since)
{
	see(getpid());
	see(unit_child(unit_wait, NULL));
	ck_assert_int_eq(glance_begin(&glance, &seen), 0);
	unit_child(spin_below, NULL); /* a child of the root, and its child */
	ck_assert(used(0.05) > 0.05);
}
END_TEST

START_TEST(when_none_lives)
{
	pid_t child = unit_child(unit_wait, NULL);
	double used_s;

	see(getpid());
	see(child);
	ck_assert_int_eq(glance_begin(&glance, &seen), 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_int_eq(glance_look(&glance, &used_s), -ESRCH);
}
END_TEST

START_TEST(looks_that_cost_much_are_far_apart_and_glances_between)
{
	struct pace pace = pace_begin(100);

	see(getpid());
	pace_looked(&pace, 110, 0.0005, &seen);
	ck_assert(!pace_is_early(&pace, 110.2));
	ck_assert(pace_due_s(&pace, 110, false) < 0.13);
	pace_looked(&pace, 110, 0.4, &seen); /* of 20 000 tasks */
	ck_assert(pace_due_s(&pace, 110, false) < 0.13);
	ck_assert(pace_is_early(&pace, 150) && !pace_is_early(&pace, 191));
	pace_glance(&pace, 150);
	pace.glance_cost_s = 0.1; /* of any number of processes */
	ck_assert(pace_due_s(&pace, 150, false) <= 0.5);
	ck_assert(pace_due_s(&pace, 111, true) >= 0.99);
	pace.hurried = true;
	ck_assert(!pace_is_early(&pace, 150));
	pace_end(&pace);
}
END_TEST

START_TEST(no_idle_time_is_credited_between_glances)
{
	struct excess excess = excess_begin(1);
	enum fence_why why = FENCE_NOT;
	struct excess_look look = { .elapsed_s = 10.1, .used_s = 0.2, .glanced_s = 10.1 };

	for (int i = 0; i < 100; i++)
		ck_assert(!excess_glance(&excess, 0.1, 0));
	ck_assert(excess_glance(&excess, 0.1, 0.2));
	look.glanced_used_s = look.used_s;
	ck_assert_int_eq(excess_judge(&excess, &look, &why), EXCESS_RAISE);
	ck_assert_int_eq(why, FENCE_USED);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		what_processes_use,
		those_too_that_began_since,
		when_none_lives,
		looks_that_cost_much_are_far_apart_and_glances_between,
		no_idle_time_is_credited_between_glances,
	};

	return unit_run("glance", tests, UNIT_COUNT(tests));
}
