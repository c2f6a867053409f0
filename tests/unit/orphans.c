/* SPDX-License-Identifier: MIT */
/* cli/orphans.c: children of this process, which stand for those of init. */
#define _GNU_SOURCE
#include "cli/orphans.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 700 };

static char mark[4096];
static pid_t last;
static int adopted;

static void adopt(void *arg, pid_t pid)
{
	*(int *)arg += 1;
	last = pid;
}

/* What a forked child is known by: the environment that this program began with. */
static void read_mark(void)
{
	FILE *in = fopen("/proc/self/environ", "r");
	size_t got = in ? fread(mark, 1, sizeof mark - 1, in) : 0;

	ck_assert_uint_gt(got, 0);
	fclose(in);
}

static int look(const char *what)
{
	adopted = 0;
	orphans_look(getpid(), what, true, adopt, &adopted);
	return adopted;
}

START_TEST(each_is_asked_about_once)
{
	pid_t one, other;

	read_mark();
	ck_assert_int_eq(look(mark), 0);
	one = unit_child(unit_wait, NULL);
	ck_assert_int_eq(look("NO=SUCH"), 0);
	ck_assert_int_eq(look(mark), 0); /* it was asked, and did not bear the other one */
	other = unit_child(unit_wait, NULL);
	ck_assert_int_eq(look(mark), 1);
	ck_assert_int_eq(last, other);
	ck_assert_int_eq(look(mark), 0);
	kill(one, SIGKILL);
	waitpid(one, NULL, 0);
	ck_assert_int_eq(look(mark), 0);
}
END_TEST

START_TEST(some_at_a_time_and_none_is_lost)
{
	int first, all;

	read_mark();
	for (int i = 0; i < MANY; i++)
		unit_child(unit_wait, NULL);
	first = all = look(mark);
	ck_assert_int_lt(first, MANY);
	for (int i = 0; i < 3; i++)
		all += look(mark);
	ck_assert_int_eq(all, MANY);
}
END_TEST

START_TEST(not_before_it_is_due)
{
	read_mark();
	look(mark);
	for (int i = 0; i < MANY; i++)
		unit_child(unit_wait, NULL);
	look(mark); /* takes some milliseconds: the next is due in a second or more */
	unit_child(unit_wait, NULL);
	adopted = 0;
	orphans_look(getpid(), mark, false, adopt, &adopted);
	ck_assert_int_eq(adopted, 0);
	ck_assert_int_gt(look(mark), 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		each_is_asked_about_once,
		some_at_a_time_and_none_is_lost,
		not_before_it_is_due,
	};

	return unit_run("orphans", tests, UNIT_COUNT(tests));
}
