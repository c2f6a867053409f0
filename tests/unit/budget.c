/* SPDX-License-Identifier: MIT */
/*
 * core/budget.c, the division against numbers worked out by hand. Against an oracle
 * it is tested in divide.c, who is busy in judge.c.
 */
#include "core/budget.h"

#include "tests/unit/unit.h"

#include <limits.h>
#include <string.h>

static struct budget_room room;
static struct budget_guest guests[BUDGET_GUESTS + 8];

static struct budget_guest guest(uint64_t job, int job_cores, int wish)
{
	return (struct budget_guest){ .job = job, .job_cores = job_cores, .wish = wish };
}

static long sum(size_t count)
{
	long total = 0;

	for (size_t i = 0; i < count; i++)
		total += guests[i].share;
	return total;
}

static void expect(const int *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		UNIT_MUST(guests[i].share == shares[i], "guest %zu of %zu: %d, not %d", i, count,
			  guests[i].share, shares[i]);
}

/* Whatever the room holds is garbage, on purpose. */
static void divide(size_t count, int cores)
{
	memset(&room, 0x5a, sizeof room);
	budget_divide(guests, count, cores, &room);
}

START_TEST(six_cores_for_a_pool)
{
	static const int pools[][8] = {
		{ 6 },
		{ 3, 3 },
		{ 2, 2, 2 },
		{ 2, 2, 1, 1 },
		{ 1, 1, 1, 1, 1, 1 },
		{ 1, 1, 1, 1, 1, 1, 1, 1 },
	};
	static const size_t counts[] = { 1, 2, 3, 4, 6, 8 };

	for (size_t pool = 0; pool < UNIT_COUNT(counts); pool++)
		for (uint64_t job = 0; job < 3; job++) {
			for (size_t i = 0; i < counts[pool]; i++)
				guests[i] = guest(job << 22, 6, 6);
			divide(counts[pool], 6);
			expect(pools[pool], counts[pool]);
		}
}
END_TEST

START_TEST(a_wish_is_never_exceeded_and_the_rest_goes_on)
{
	for (int i = 0; i < 4; i++)
		guests[i] = guest(7, 16, (int[]){ 8, 1, 3, 8 }[i]);
	divide(4, 16);
	expect((int[]){ 6, 1, 3, 6 }, 4);
	divide(4, 15);
	expect((int[]){ 6, 1, 3, 5 }, 4);
	divide(4, 64);
	ck_assert_int_eq(guests[0].share, 6); /* the job has 16 */
	for (int i = 0; i < 4; i++)
		guests[i].job_cores = 64;
	divide(4, 64);
	expect((int[]){ 8, 1, 3, 8 }, 4);
}
END_TEST

START_TEST(a_job_keeps_to_its_cores)
{
	guests[0] = guest(1, 4, 8);
	divide(1, 8);
	expect((int[]){ 4 }, 1);
	guests[1] = guest(1, 4, 8);
	divide(2, 8);
	expect((int[]){ 2, 2 }, 2);
	guests[2] = guest(2, 8, 8);
	divide(3, 8);
	expect((int[]){ 2, 2, 4 }, 3);
	guests[1].wish = guests[0].wish = 1;
	divide(3, 8);
	expect((int[]){ 1, 1, 6 }, 3);
}
END_TEST

/* Half for each of two jobs, however many processes one of them starts. */
START_TEST(many_guests_are_no_claim_to_more)
{
	for (int i = 0; i < 6; i++)
		guests[i] = guest(1, 12, 12);
	guests[6] = guest(2, 12, 12);
	divide(7, 12);
	expect((int[]){ 1, 1, 1, 1, 1, 1, 6 }, 7);
	divide(7, 8); /* six have one each before anyone has two */
	expect((int[]){ 1, 1, 1, 1, 1, 1, 2 }, 7);
	divide(7, 3);
	expect((int[]){ 1, 1, 1, 1, 1, 1, 1 }, 7);
}
END_TEST

/* A `ration -n 4`, or a taskset, inside a `ration -n 64`. */
START_TEST(a_guest_with_fewer_cores_does_not_limit_its_job)
{
	guests[0] = guest(5, 64, 64);
	guests[1] = guest(5, 4, 4);
	divide(2, 64);
	expect((int[]){ 60, 4 }, 2);
	guests[2] = guest(6, 64, 64);
	divide(3, 64);
	expect((int[]){ 28, 4, 32 }, 3);
	guests[1].wish = 64; /* more than it may use */
	divide(3, 64);
	expect((int[]){ 28, 4, 32 }, 3);
}
END_TEST

/* taskset or RATION_CORES on one program is no order to another (ledger.h: job 0 is none). */
START_TEST(guests_without_a_job_do_not_limit_one_another)
{
	guests[0] = guest(0, 1, 1);
	guests[1] = guest(0, 8, 8);
	divide(2, 8);
	expect((int[]){ 1, 7 }, 2);
	guests[0] = guests[1] = guest(0, 4, 8);
	divide(2, 8);
	expect((int[]){ 4, 4 }, 2);
}
END_TEST

START_TEST(garbage_is_clamped)
{
	static const int odd[] = { 0, -1, INT_MIN, INT_MAX, BUDGET_MAX + 1, 1 };
	uint64_t seed = 11;

	for (int i = 0; i < 3000; i++) {
		size_t count = (size_t)unit_random(&seed, 0, 9);
		int cores = odd[unit_random(&seed, 0, 5)];
		long most = cores > (int)count ? cores : (long)count;

		for (size_t j = 0; j < count; j++)
			guests[j] = guest((uint64_t)unit_random(&seed, 0, 3) << 62,
					  odd[unit_random(&seed, 0, 5)],
					  odd[unit_random(&seed, 0, 5)]);
		divide(count, cores);
		ck_assert_int_le(sum(count), most);
		for (size_t j = 0; j < count; j++) {
			UNIT_MUST(guests[j].share >= 1, "%d", guests[j].share);
			UNIT_MUST(guests[j].share <= (guests[j].wish > 1 ? BUDGET_MAX : 1), "%d",
				  guests[j].share);
		}
	}
}
END_TEST

START_TEST(more_cores_than_there_can_be_are_as_many_as_there_can_be)
{
	guests[0] = guest(1, INT_MAX, INT_MAX);
	divide(1, INT_MAX);
	expect((int[]){ BUDGET_MAX }, 1);
	guests[1] = guest(2, 3, 2);
	divide(2, INT_MAX);
	expect((int[]){ BUDGET_MAX - 2, 2 }, 2);
}
END_TEST

START_TEST(guests_beyond_the_room_get_one)
{
	size_t count = UNIT_COUNT(guests);

	for (size_t i = 0; i < count; i++)
		guests[i] = guest(i, 4096, 4096);
	divide(count, 2048);
	ck_assert_int_eq(sum(BUDGET_GUESTS), 2048);
	for (size_t i = BUDGET_GUESTS; i < count; i++)
		ck_assert_int_eq(guests[i].share, 1);
	divide(count, 6);
	ck_assert_int_eq(sum(count), (long)count);
}
END_TEST

START_TEST(a_share_grows_by_what_is_left)
{
	ck_assert_int_eq(budget_take(6, 1, 6, 6), 6);
	ck_assert_int_eq(budget_take(6, 1, 4, 6), 4);
	ck_assert_int_eq(budget_take(6, 1, 6, 3), 3);
	ck_assert_int_eq(budget_take(6, 2, 2, 6), 2);
	ck_assert_int_eq(budget_take(6, 2, 1, 6), 2); /* what it has, it has */
	ck_assert_int_eq(budget_take(6, 0, 0, 0), 1);
	ck_assert_int_eq(budget_take(6, 0, -4000, -9), 1);
	ck_assert_int_eq(budget_take(6, 0, 4000, 9), 6);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		six_cores_for_a_pool,
		a_wish_is_never_exceeded_and_the_rest_goes_on,
		a_job_keeps_to_its_cores,
		many_guests_are_no_claim_to_more,
		a_guest_with_fewer_cores_does_not_limit_its_job,
		guests_without_a_job_do_not_limit_one_another,
		garbage_is_clamped,
		more_cores_than_there_can_be_are_as_many_as_there_can_be,
		guests_beyond_the_room_get_one,
		a_share_grows_by_what_is_left,
	};

	return unit_run("budget", tests, UNIT_COUNT(tests));
}
