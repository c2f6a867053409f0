/* SPDX-License-Identifier: MIT */
/*
 * core/ledger.c, finding the ledger: by name, by user, and past whatever else lies
 * under its key. The keys are learned from the segments themselves.
 */
#define _GNU_SOURCE
#include "tests/unit/shm.h"

#include <string.h>
#include <sys/ipc.h>

enum { PROBES = 8 };

static struct shmid_ds state_of(const struct ledger *ledger)
{
	struct shmid_ds state;

	ck_assert_int_eq(shmctl(shm_id(ledger), IPC_STAT, &state), 0);
	return state;
}

static struct ledger *open_as(uint32_t name)
{
	struct ledger *ledger = ledger_open(name, true);

	ck_assert_ptr_nonnull(ledger);
	return ledger;
}

/* Something else under the key at which the ledger of that name would stand next. */
static int squat(uint32_t name, size_t size, int mode)
{
	struct ledger *ledger = open_as(name);
	key_t key = state_of(ledger).shm_perm.__key;
	int id;

	shm_remove(ledger);
	id = shmget(key, size, IPC_CREAT | IPC_EXCL | mode);
	ck_assert_int_ge(id, 0);
	return id;
}

static void expect_empty(const struct ledger *ledger)
{
	static const struct ledger empty;

	ck_assert_int_eq(memcmp((const void *)ledger, (const void *)&empty, sizeof empty), 0);
}

START_TEST(there_is_none_until_one_is_made)
{
	struct ledger *ledger;

	ck_assert_ptr_null(ledger_open(shm_name, false));
	ledger = open_as(shm_name);
	expect_empty(ledger);
	ck_assert_int_eq(state_of(ledger).shm_perm.mode & 0777, 0600);
	ck_assert_uint_eq(state_of(ledger).shm_segsz, sizeof(struct ledger));
	shm_remove(ledger);
	ck_assert_ptr_null(ledger_open(shm_name, false));
}
END_TEST

START_TEST(one_name_is_one_ledger)
{
	struct ledger *first = open_as(shm_name), *second = open_as(shm_name + 1);
	struct ledger *again = ledger_open(shm_name, false);

	ck_assert_ptr_nonnull(again);
	first->budget = 17;
	second->budget = 4;
	ck_assert_uint_eq(again->budget, 17);
	ck_assert_int_eq(shmdt(again), 0);
	shm_remove(first);
	shm_remove(second);
}
END_TEST

static void write_from_afar(void *unused)
{
	struct ledger *ledger = ledger_open(shm_name, false);

	(void)unused;
	for (int i = 0; ledger && i < LEDGER_ROWS; i++)
		ledger->rows[i].wish = (uint16_t)(i + 1);
}

START_TEST(two_processes_share_it)
{
	struct ledger *ledger = open_as(shm_name);
	pid_t child = unit_child(write_from_afar, NULL);

	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	for (int i = 0; i < LEDGER_ROWS; i++)
		ck_assert_int_eq(ledger->rows[i].wish, i + 1);
	shm_remove(ledger);
}
END_TEST

static void expect_passed_by(int squatter)
{
	struct ledger *ledger = open_as(shm_name), *again;

	ck_assert_int_ne(shm_id(ledger), squatter);
	expect_empty(ledger);
	ledger->budget = 23;
	again = open_as(shm_name);
	ck_assert_uint_eq(again->budget, 23);
	ck_assert_int_eq(shmdt(again), 0);
	again = ledger_open(shm_name, false);
	ck_assert_uint_eq(again->budget, 23);
	ck_assert_int_eq(shmdt(again), 0);
	shm_remove(ledger);
	ck_assert_int_eq(shmctl(squatter, IPC_RMID, NULL), 0);
}

START_TEST(another_size_is_passed_by)
{
	expect_passed_by(squat(shm_name, 4096, 0600));
	expect_passed_by(squat(shm_name, sizeof(struct ledger) - 1, 0600));
	expect_passed_by(squat(shm_name, sizeof(struct ledger) + 1, 0600));
	expect_passed_by(squat(shm_name, 1 << 20, 0600));
}
END_TEST

START_TEST(another_mode_is_passed_by)
{
	expect_passed_by(squat(shm_name, sizeof(struct ledger), 0666));
	expect_passed_by(squat(shm_name, sizeof(struct ledger), 0400));
	expect_passed_by(squat(shm_name, sizeof(struct ledger), 0));
}
END_TEST

/* Root alone can give a segment away; others leave this to root's run. */
START_TEST(another_user_is_passed_by)
{
	int id = squat(shm_name, sizeof(struct ledger), 0600);
	struct shmid_ds state;

	ck_assert_int_eq(shmctl(id, IPC_STAT, &state), 0);
	if (geteuid() == 0) {
		state.shm_perm.uid = 65534;
		ck_assert_int_eq(shmctl(id, IPC_SET, &state), 0);
		expect_passed_by(id);
	} else {
		ck_assert_int_eq(shmctl(id, IPC_RMID, NULL), 0);
	}
}
END_TEST

static void make_as_nobody(void *key)
{
	if (setresuid(65534, 65534, 65534) == 0)
		shmget(*(key_t *)key, sizeof(struct ledger), IPC_CREAT | IPC_EXCL | 0600);
}

/* It looks like our own, but who has made it may change and remove it as long as it is there. */
START_TEST(a_gift_is_passed_by)
{
	struct ledger *ledger = open_as(shm_name);
	key_t key = state_of(ledger).shm_perm.__key;
	struct shmid_ds state;
	int id;

	shm_remove(ledger);
	if (geteuid() != 0)
		return;
	ck_assert_int_gt(waitpid(unit_child(make_as_nobody, &key), NULL, 0), 0);
	id = shmget(key, 0, 0);
	ck_assert_int_ge(id, 0);
	ck_assert_int_eq(shmctl(id, IPC_STAT, &state), 0);
	ck_assert_uint_eq(state.shm_perm.cuid, 65534);
	state.shm_perm.uid = geteuid();
	ck_assert_int_eq(shmctl(id, IPC_SET, &state), 0);
	expect_passed_by(id);
}
END_TEST

START_TEST(with_all_keys_taken_there_is_none)
{
	int squatters[PROBES];

	for (int i = 0; i < PROBES; i++)
		squatters[i] = squat(shm_name, 1, 0600);
	ck_assert_ptr_null(ledger_open(shm_name, true));
	ck_assert_ptr_null(ledger_open(shm_name, false));
	for (int i = 0; i < PROBES; i++)
		ck_assert_int_eq(shmctl(squatters[i], IPC_RMID, NULL), 0);
}
END_TEST

/* Guests that came while a squatter was there, and those that come later: one ledger. */
START_TEST(a_squatter_that_leaves_does_not_split_it)
{
	int squatter = squat(shm_name, 1, 0600);
	struct ledger *ledger = open_as(shm_name), *later;

	ledger->budget = 29;
	ck_assert_int_eq(shmctl(squatter, IPC_RMID, NULL), 0);
	later = open_as(shm_name);
	ck_assert_msg(shm_id(later) == shm_id(ledger), "two ledgers for one user");
	ck_assert_int_eq(shmdt(later), 0);
	shm_remove(ledger);
}
END_TEST

static int peeked(void)
{
	struct ledger *ledger = ledger_peek(shm_name);
	int id = ledger ? shm_id(ledger) : -1;

	if (ledger)
		ck_assert_int_eq(shmdt(ledger), 0);
	return id;
}

/* It passes a squatter by, and ends where the ledger would be made. */
START_TEST(a_peek_ends_at_the_first_free_key)
{
	struct ledger *ledger;
	int squatter;

	ck_assert_int_eq(peeked(), -1);
	ledger = open_as(shm_name);
	ck_assert_int_eq(peeked(), shm_id(ledger));
	shm_remove(ledger);
	squatter = squat(shm_name, 1 << 20, 0600);
	ck_assert_int_eq(peeked(), -1);
	ledger = open_as(shm_name);
	ck_assert_int_eq(peeked(), shm_id(ledger));
	ck_assert_int_eq(shmctl(squatter, IPC_RMID, NULL), 0);
	ck_assert_int_eq(peeked(), -1);
	shm_remove(ledger);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		there_is_none_until_one_is_made,
		one_name_is_one_ledger,
		two_processes_share_it,
		another_size_is_passed_by,
		another_mode_is_passed_by,
		another_user_is_passed_by,
		a_gift_is_passed_by,
		with_all_keys_taken_there_is_none,
		a_squatter_that_leaves_does_not_split_it,
		a_peek_ends_at_the_first_free_key,
	};

	return shm_run("segment", tests, UNIT_COUNT(tests));
}
