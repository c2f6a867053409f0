/* SPDX-License-Identifier: MIT */
/* cli/claims.c: what another user's table of fences, which may hold anything, makes of us. */
#define _GNU_SOURCE
#include "cli/claims.h"

#include "cli/owner.h"
#include "core/ident.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

static struct fences fences;
static struct claims_asker asker = { .owner = 1 };

/* The first CPU that this process may use, and one that it may not. */
static int cpu_of(bool allowed)
{
	struct mask mine;
	int cpu = 0;

	ck_assert_int_eq(mask_get(0, &mine), 0);
	while (mask_has(&mine, cpu) != allowed)
		cpu++;
	return cpu;
}

static void fill(uint64_t owner, uint32_t space, int cpu)
{
	memset(&fences, 0, sizeof fences);
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences.rows[i];

		row->owner = owner;
		row->space = space;
		row->state = FENCE_RAISED;
		row->beat_ms = (uint32_t)ident_now_ms();
		mask_add(&row->mask, cpu);
	}
}

static int claimed(uid_t uid)
{
	struct mask his = { { 0 } };

	claims_of_other(&fences, uid, &asker, &his);
	claims_of_other(&fences, uid, &asker, &his);
	return mask_count(&his);
}

START_TEST(a_user_counts_once_on_each_cpu)
{
	fill(ident_self(), ident_namespace(), cpu_of(true));
	ck_assert_int_eq(claimed(getuid()), 1);
	fill(ident_self(), ident_namespace() + 1, cpu_of(true));
	ck_assert_int_eq(claimed(getuid()), 1);
}
END_TEST

START_TEST(only_where_his_processes_can_be)
{
	fill(ident_self(), ident_namespace(), cpu_of(false));
	ck_assert_int_eq(claimed(getuid()), 0);
}
END_TEST

START_TEST(and_only_for_his_own_that_live)
{
	fill(ident_self(), ident_namespace(), cpu_of(true));
	ck_assert_int_eq(claimed(getuid() + 1), 0);
	fill(ident_self() + (1ull << 40), ident_namespace(), cpu_of(true));
	ck_assert_int_eq(claimed(getuid()), 1); /* a moment that is still to come is no lie yet */
	fill(1ull << IDENT_PID_BITS | (uint32_t)getpid(), ident_namespace(), cpu_of(true));
	ck_assert_int_eq(claimed(getuid()), 0);
	fill(ident_self(), ident_namespace(), cpu_of(true));
	for (int i = 0; i < FENCE_ROWS; i++)
		fences.rows[i].state = FENCE_WATCHED;
	ck_assert_int_eq(claimed(getuid()), 0);
}
END_TEST

START_TEST(whose_a_process_is)
{
	ck_assert_int_eq(owner_parse("Name:\tx\nUid:\t7\t7\t7\t7\nGid:\t0\n", 7), OWNER_SAME);
	ck_assert_int_eq(owner_parse("Name:\tx\nUid:\t4001\t0\t0\t0\n", 0), OWNER_OTHER);
	ck_assert_int_eq(owner_parse("Name:\tx\nUid:\t0\t0\t4001\t0\n", 0), OWNER_OTHER);
	ck_assert_int_eq(owner_parse("Name:\tx\nUid:\t0\t0\t0\t4001\n", 0), OWNER_OTHER);
	ck_assert_int_eq(owner_parse("Name:\tx\nUid:\t0\t0\n", 0), OWNER_HIDDEN);
	ck_assert_int_eq(owner_parse("", 0), OWNER_HIDDEN);
	ck_assert_int_eq(owner_is(getpid(), getuid()), OWNER_SAME);
	ck_assert_int_eq(owner_is(getpid(), getuid() + 1), OWNER_OTHER);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_user_counts_once_on_each_cpu,
		only_where_his_processes_can_be,
		and_only_for_his_own_that_live,
		whose_a_process_is,
	};

	return unit_run("claims", tests, UNIT_COUNT(tests));
}
