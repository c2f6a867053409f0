/* SPDX-License-Identifier: MIT */
/* core/fence.h: which raised fences hold a task of a job, and which do not. */
#define _GNU_SOURCE
#include "core/fence.h"

#include "tests/unit/unit.h"

static struct fences fences;
static struct mask all, mask;

/* A fence of the four CPUs that a job with four cores was given. */
static struct fence_row *raise_one(uint64_t watcher)
{
	struct fence_row *row = fence_claim(&fences, watcher, ident_namespace());

	ck_assert_ptr_nonnull(row);
	row->job = 7;
	row->cores = 4;
	row->mask.bits[0] = 15;
	row->state = FENCE_RAISED;
	return row;
}

START_TEST(a_raised_fence_holds_the_tasks_of_its_job)
{
	struct fence_row *row = raise_one(ident_self());

	all.bits[0] = 255;
	ck_assert(fence_of(&fences, 7, 4, NULL, &mask));
	ck_assert_uint_eq(mask.bits[0], 15);
	ck_assert(fence_of(&fences, 7, 2, NULL, &mask));
	ck_assert(!fence_of(&fences, 8, 4, NULL, &mask));
	ck_assert(!fence_of(&fences, 7, 4, &all, &mask)); /* a task that was let out */
	row->state = FENCE_WATCHED;
	ck_assert(!fence_of(&fences, 7, 4, NULL, &mask));
}
END_TEST

START_TEST(one_of_fewer_cores_is_of_an_inner_command)
{
	raise_one(ident_self());
	ck_assert(!fence_of(&fences, 7, 5, NULL, &mask));
}
END_TEST

START_TEST(without_its_watcher_it_holds_nobody)
{
	pid_t watcher = unit_idle_child();

	raise_one(ident_self() >> IDENT_PID_BITS << IDENT_PID_BITS | (uint64_t)watcher);
	ck_assert(fence_of(&fences, 7, 4, NULL, &mask));
	unit_end(watcher);
	ck_assert(!fence_of(&fences, 7, 4, NULL, &mask));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_raised_fence_holds_the_tasks_of_its_job,
		one_of_fewer_cores_is_of_an_inner_command,
		without_its_watcher_it_holds_nobody,
	};

	return unit_run("raised", tests, UNIT_COUNT(tests));
}
