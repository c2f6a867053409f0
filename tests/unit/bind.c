/* SPDX-License-Identifier: MIT */
/* cli/bind.c on processes of this test, where there are two CPUs; and the table of core/fence.c. */
#define _GNU_SOURCE
#include "cli/bind.h"

#include "tests/unit/shm.h"

static struct mask base, first, last;
static struct bind bind;
static int found;

static void note(void *arg, const struct mask *own)
{
	(void)arg;
	(void)own;
	found++;
}

/* false: a machine with one CPU, where there is nothing to try. */
static bool begin(void)
{
	ck_assert_int_eq(mask_get(0, &base), 0);
	for (int cpu = 0; cpu < MASK_CPUS; cpu++) {
		if (!mask_has(&base, cpu))
			continue;
		if (mask_count(&first) == 0)
			mask_add(&first, cpu);
		last = (struct mask){ { 0 } };
		mask_add(&last, cpu);
	}
	bind = (struct bind){ .base = base, .mask = last, .found = note };
	return mask_count(&base) > 1;
}

static void order(int what, pid_t pid, int parent)
{
	struct tree_task task = { .pid = pid, .tid = pid, .parent = parent, .began = 1 };

	bind.order = what;
	bind_task(&bind, &task);
}

static void expect(pid_t pid, const struct mask *wanted)
{
	struct mask now;

	ck_assert_int_eq(mask_get(pid, &now), 0);
	ck_assert(mask_same(&now, wanted));
}

START_TEST(in_and_out_again)
{
	pid_t free, outside, inside;

	if (!begin())
		return;
	free = unit_idle_child();
	outside = unit_idle_child();
	inside = unit_idle_child();
	mask_set(outside, &first);
	mask_set(inside, &last);
	order(BIND_LOOK, free, 0);
	order(BIND_LOOK, outside, 0);
	order(BIND_LOOK, inside, 0);
	ck_assert_int_eq(found, 2);
	for (int pass = 0; pass < 2; pass++) {
		order(BIND_IN, free, 0);
		order(BIND_IN, outside, 0);
		order(BIND_IN, inside, 0);
		ck_assert_int_eq(bind.changed, 2);
	}
	expect(free, &last);
	expect(outside, &last);
	for (int pass = 0; pass < 2; pass++) {
		order(BIND_OUT, free, 0);
		order(BIND_OUT, outside, 0);
		order(BIND_OUT, inside, 0);
		ck_assert_int_eq(bind.changed, 4);
	}
	expect(free, &base);
	expect(outside, &first);
	expect(inside, &last);
	bind_forget(&bind);
}
END_TEST

/* Born inside, of one that was bound: it gets what that one gets. One of a free one is free. */
START_TEST(children_have_what_their_parents_have)
{
	pid_t parent, child, free;

	if (!begin())
		return;
	parent = unit_idle_child();
	child = unit_idle_child();
	free = unit_idle_child();
	mask_set(parent, &first);
	order(BIND_IN, parent, 0);
	mask_set(child, &last);
	mask_set(free, &last);
	order(BIND_OUT, parent, 0);
	order(BIND_OUT, child, parent);
	order(BIND_OUT, free, 1);
	expect(child, &first);
	expect(free, &base);
	bind_forget(&bind);
}
END_TEST

START_TEST(who_chose_inside_is_not_widened)
{
	struct fence_row row = { 0 };
	pid_t task;

	if (!begin())
		return;
	task = unit_idle_child();
	order(BIND_IN, task, 0);
	row.pins[3] = (uint32_t)task;
	bind.row = &row;
	order(BIND_OUT, task, 0);
	expect(task, &last);
	bind_forget(&bind);
}
END_TEST

START_TEST(fences_are_found_by_job_and_by_place)
{
	struct fences *fences = fence_open(shm_name, true);
	struct fence_row *outer, *inner;
	struct mask got, two = { { 3 } }, one = { { 2 } }, far = { { 8 } };

	ck_assert_ptr_nonnull(fences);
	outer = fence_claim(fences, ident_self(), ident_namespace());
	inner = fence_claim(fences, ident_self(), ident_namespace());
	ck_assert(outer && inner && outer != inner);
	outer->mask = two;
	inner->mask = one;
	atomic_store(&outer->job, 7);
	atomic_store(&inner->job, 7);
	atomic_store(&outer->cores, 2);
	atomic_store(&inner->cores, 1);
	ck_assert(!fence_of(fences, 7, 1, NULL, &got));
	atomic_store(&outer->state, FENCE_RAISED);
	ck_assert(fence_of(fences, 7, 1, NULL, &got) && mask_same(&got, &two));
	atomic_store(&inner->state, FENCE_RAISED);
	ck_assert(fence_of(fences, 7, 1, NULL, &got) && mask_same(&got, &one));
	ck_assert(fence_of(fences, 7, 2, &one, &got) && mask_same(&got, &two));
	ck_assert(!fence_of(fences, 7, 1, &far, &got));
	ck_assert(!fence_of(fences, 8, 1, NULL, &got));
	/* Who watched is dead: its fence is nobody's any more. */
	atomic_store(&outer->owner, 1ull << IDENT_PID_BITS | 4194303);
	atomic_store(&inner->owner, 1ull << IDENT_PID_BITS | 4194303);
	ck_assert(!fence_of(fences, 7, 1, NULL, &got));
	ck_assert_ptr_eq(fence_claim(fences, ident_self(), ident_namespace()), outer);
	memset(fences, 0xff, sizeof *fences); /* garbage */
	ck_assert(!fence_of(fences, 7, 1, &far, &got));
	ck_assert(shm_drop(fences));
}
END_TEST

START_TEST(a_watcher_elsewhere_is_believed_while_it_speaks)
{
	struct fences *fences = fence_open(shm_name, true);
	uint64_t elsewhere = 1ull << IDENT_PID_BITS | 1; /* it may be anybody's pid here */
	struct fence_row *row;

	ck_assert_ptr_nonnull(fences);
	row = fence_claim(fences, elsewhere, ident_namespace() + 1);
	ck_assert_ptr_nonnull(row);
	atomic_store(&row->state, FENCE_RAISED);
	ck_assert(fence_holds(row));
	atomic_fetch_sub(&row->beat_ms, FENCE_SILENT_MS);
	ck_assert(!fence_is_watched(row) && !fence_holds(row));
	fence_beat(row);
	ck_assert(fence_holds(row));
	atomic_fetch_sub(&row->beat_ms, FENCE_SILENT_MS);
	ck_assert_ptr_eq(fence_claim(fences, ident_self(), ident_namespace()), row);
	ck_assert(fence_is_watched(row) && !fence_holds(row));
	ck_assert(shm_drop(fences));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		in_and_out_again,
		children_have_what_their_parents_have,
		who_chose_inside_is_not_widened,
		fences_are_found_by_job_and_by_place,
		a_watcher_elsewhere_is_believed_while_it_speaks,
	};

	return shm_run("bind", tests, UNIT_COUNT(tests));
}
