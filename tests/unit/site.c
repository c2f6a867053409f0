/* SPDX-License-Identifier: MIT */
/* cli/site.c: those who begin at once, on 2 nodes x 4 cores x 2 threads, in every order. */
#define _GNU_SOURCE
#include "cli/site.h"

#include "tests/unit/shm.h"

enum { CPUS = 16, USERS = 3, CORES = 4, SEEDS = 40, ROUNDS = 4 };

static struct choose_cpu cpus[USERS][CPUS];
static struct site sites[USERS];
static struct fences *fences;

/* As site_open and site_choose leave it, but on another machine. */
static void begin(int user, uint32_t seed)
{
	struct site *site = &sites[user];
	uint64_t owner = ident_self() + ((uint64_t)user << IDENT_PID_BITS);

	*site = (struct site){ .cores = CORES,
			       .owner = owner,
			       .job = 100 + (uint64_t)user,
			       .seed = seed + (uint32_t)user * 2654435761u,
			       .topology = { .cpus = cpus[user], .count = CPUS },
			       .fences = fences };
	for (int i = 0; i < CPUS; i++) {
		cpus[user][i] = (struct choose_cpu){ .number = i, .node = i % 2, .core = i % 8 };
		mask_add(&site->base, i);
	}
	site->row = fence_claim(fences, owner, ident_namespace());
	ck_assert_ptr_nonnull(site->row);
	atomic_store(&site->row->job, site->job);
	ck_assert_int_eq(site_choose(site), 0);
}

/* As site_publish does, less the first look at the others. */
static void publish(int user, uint32_t at_ms)
{
	sites[user].row->mask = sites[user].mask;
	atomic_store(&sites[user].row->raised_ms, at_ms);
	atomic_store(&sites[user].row->state, FENCE_RAISED);
}

static int nodes_of(const struct mask *mask)
{
	bool even = false, odd = false;

	for (int i = 0; i < CPUS; i++)
		*(i % 2 ? &odd : &even) |= mask_has(mask, i);
	return even + odd;
}

static void expect_apart(void)
{
	struct mask all = { { 0 } };

	for (int user = 0; user < USERS; user++) {
		struct mask both = mask_both(&all, &sites[user].mask);

		UNIT_MUST(mask_count(&both) == 0, "user %d has what another has", user);
		UNIT_MUST(mask_count(&sites[user].mask) == CORES, "user %d has fewer", user);
		UNIT_MUST(nodes_of(&sites[user].mask) == 1, "user %d is on two nodes", user);
		UNIT_MUST(mask_same(&sites[user].mask, &sites[user].row->mask), "told otherwise");
		for (int i = 0; i < CPUS; i++)
			if (mask_has(&sites[user].mask, i))
				mask_add(&all, i);
	}
}

static void leave(void)
{
	for (int user = 0; user < USERS; user++)
		fence_leave(sites[user].row, sites[user].owner);
}

/* order: who looks first, second and third in each round. */
static void meet(const int *order, uint32_t seed, const uint32_t *at_ms)
{
	struct mask chosen;
	bool moved = true;
	int rounds = 0;

	for (int user = 0; user < USERS; user++)
		begin(user, seed);
	chosen = sites[0].mask;
	for (int user = 0; user < USERS; user++)
		publish(user, at_ms[user]);
	for (; moved && rounds < ROUNDS; rounds++) {
		moved = false;
		for (int i = 0; i < USERS; i++)
			moved |= site_yield(&sites[order[i]]);
	}
	UNIT_MUST(!moved, "no end of it with seed %u", seed);
	UNIT_MUST(mask_same(&sites[0].mask, &chosen), "the first had to move");
	expect_apart();
	leave();
}

START_TEST(who_begins_at_once_stands_as_if_one_after_the_other)
{
	static const int orders[][USERS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	static const uint32_t same[USERS] = { 7, 7, 7 }, soon[USERS] = { UINT32_MAX, 0, 1 };

	fences = fence_open(shm_name, true);
	ck_assert_ptr_nonnull(fences);
	for (uint32_t seed = 0; seed < SEEDS; seed++)
		for (size_t i = 0; i < UNIT_COUNT(orders); i++) {
			meet(orders[i], seed, same);
			meet(orders[i], seed, soon);
		}
	shm_drop(fences);
}
END_TEST

START_TEST(who_stands_does_not_yield_to_who_comes)
{
	struct mask stood;

	fences = fence_open(shm_name, true);
	ck_assert_ptr_nonnull(fences);
	begin(0, 1);
	site_publish(&sites[0], FENCE_ORDERED);
	stood = sites[0].mask;
	begin(1, 1);
	sites[1].mask = stood;
	publish(1, (uint32_t)ident_now_ms() + 1);
	ck_assert(!site_yield(&sites[0]) && mask_same(&sites[0].mask, &stood));
	ck_assert(site_yield(&sites[1]) && !mask_same(&sites[1].mask, &stood));
	ck_assert(!site_yield(&sites[1]));
	shm_drop(fences);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		who_begins_at_once_stands_as_if_one_after_the_other,
		who_stands_does_not_yield_to_who_comes,
	};

	return shm_run("site", tests, UNIT_COUNT(tests));
}
