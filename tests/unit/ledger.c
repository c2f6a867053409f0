/* SPDX-License-Identifier: MIT */
/* core/ledger.c, the rows: claimed, left, reaped; the records. Opening is in segment.c. */
#define _GNU_SOURCE
#include "tests/unit/shm.h"

#include <errno.h>
#include <string.h>

enum { SPACE = 4026531836u % 1000000, ELSEWHERE = SPACE + 1 };

static struct ledger *ledger;

static void do_nothing(void *unused)
{
	(void)unused;
}

/* The name of a process that has been and gone. */
static uint64_t dead_name(void)
{
	pid_t child = unit_child(do_nothing, NULL);
	uint64_t name = shm_ident(child);

	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	return name;
}

static void fill_rows(uint64_t owner, uint32_t space)
{
	for (int i = 0; i < LEDGER_ROWS; i++) {
		ledger->rows[i].owner = owner;
		ledger->rows[i].space = space;
	}
}

START_TEST(a_claim_is_a_row_of_ones_own)
{
	uint64_t self = ident_self();
	pid_t child = unit_child(unit_wait, NULL);
	struct row *mine, *other;

	ledger = shm_fresh();
	mine = ledger_claim(ledger, self, SPACE);
	other = ledger_claim(ledger, shm_ident(child), SPACE);
	ck_assert_ptr_nonnull(mine);
	ck_assert_ptr_nonnull(other);
	ck_assert_ptr_ne(mine, other);
	ck_assert_uint_eq(mine->owner, self);
	ck_assert_uint_eq(mine->space, SPACE);
	ck_assert_int_eq(shm_owned(ledger), 2);
	ledger_leave(other, self); /* not ours to leave */
	ck_assert_int_eq(shm_owned(ledger), 2);
	ledger_leave(mine, self);
	ck_assert_uint_eq(mine->owner, 0);
	ck_assert_uint_eq(ledger->overflow, 0);
	unit_end(child);
}
END_TEST

/* After exec the pid is the same, all else is new. */
START_TEST(a_second_claim_is_the_same_row_begun_anew)
{
	struct row *row, *again;
	uint64_t later;

	ledger = shm_fresh();
	row = ledger_claim(ledger, ident_self(), SPACE);
	row->share = row->target = row->load_pct = 5;
	row->busy = row->calls = row->passed = 1;
	row->quiet_ms = 77;
	unit_sleep_ms(2);
	later = ident_self();
	again = ledger_claim(ledger, later, SPACE);
	ck_assert_ptr_eq(again, row);
	ck_assert_uint_eq(row->owner, later);
	ck_assert(!row->share && !row->target && !row->load_pct && !row->busy && !row->calls
		  && !row->passed && !row->quiet_ms);
	ck_assert_int_eq(shm_owned(ledger), 1);
}
END_TEST

/* It had our pid, and is dead, as we live; but a pid of another namespace is another pid. */
START_TEST(a_namesake_is_replaced_a_stranger_is_not)
{
	struct row *row;

	ledger = shm_fresh();
	ledger->rows[900].owner = (uint64_t)getpid();
	ledger->rows[900].space = SPACE;
	ledger->rows[30].owner = (uint64_t)getpid();
	ledger->rows[30].space = ELSEWHERE;
	row = ledger_claim(ledger, ident_self(), SPACE);
	ck_assert_ptr_eq(row, &ledger->rows[900]);
	ck_assert_uint_eq(ledger->rows[30].owner, (uint64_t)getpid());
}
END_TEST

START_TEST(nobody_is_turned_out_of_a_full_ledger)
{
	pid_t child = unit_child(unit_wait, NULL);
	uint64_t alive = shm_ident(child);

	ledger = shm_fresh();
	fill_rows(alive, SPACE);
	ck_assert_ptr_null(ledger_claim(ledger, ident_self(), SPACE));
	ck_assert_ptr_null(ledger_claim(ledger, ident_self(), SPACE));
	ck_assert_uint_eq(ledger->overflow, 2);
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 0);
	for (int i = 0; i < LEDGER_ROWS; i++)
		ck_assert_uint_eq(ledger->rows[i].owner, alive);
	ledger_leave(&ledger->rows[513], alive);
	ck_assert_ptr_eq(ledger_claim(ledger, ident_self(), SPACE), &ledger->rows[513]);
	ck_assert_uint_eq(ledger->overflow, 2);
	unit_end(child);
}
END_TEST

START_TEST(the_dead_make_room)
{
	ledger = shm_fresh();
	fill_rows(dead_name(), SPACE);
	ck_assert_ptr_nonnull(ledger_claim(ledger, ident_self(), SPACE));
	ck_assert_int_eq(shm_owned(ledger), 1);
	ck_assert_uint_eq(ledger->overflow, 0);
}
END_TEST

START_TEST(the_killed_are_reaped_the_others_are_not)
{
	pid_t children[12];
	struct row *rows[12];

	ledger = shm_fresh();
	for (int i = 0; i < 12; i++) {
		children[i] = unit_child(unit_wait, NULL);
		rows[i] = ledger_claim(ledger, shm_ident(children[i]), SPACE);
	}
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 0);
	for (int i = 0; i < 12; i += 2)
		unit_end(children[i]);
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 6);
	for (int i = 0; i < 12; i++)
		ck_assert_int_eq(rows[i]->owner != 0, i % 2);
	for (int i = 1; i < 12; i += 2)
		unit_end(children[i]);
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 6);
	ck_assert_int_eq(shm_owned(ledger), 0);
}
END_TEST

START_TEST(other_namespaces_are_none_of_our_business)
{
	ledger = shm_fresh();
	fill_rows(dead_name(), ELSEWHERE);
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 0);
	ck_assert_ptr_null(ledger_claim(ledger, ident_self(), SPACE));
	ck_assert_int_eq(shm_owned(ledger), LEDGER_ROWS);
	ck_assert_int_eq(ledger_reap(ledger, ELSEWHERE), LEDGER_ROWS);
}
END_TEST

/* Killed between its first write to a fresh row and the one that says where its pid counts. */
START_TEST(who_died_while_claiming_is_reaped)
{
	ledger = shm_fresh();
	ledger->rows[5].owner = dead_name();
	ck_assert_int_eq(ledger_reap(ledger, SPACE), 1);
	ck_assert_int_eq(shm_owned(ledger), 0);
}
END_TEST

static void scribble(uint64_t *seed)
{
	unsigned char *bytes = (unsigned char *)ledger;

	for (size_t i = 0; i < sizeof *ledger; i++)
		bytes[i] = (unsigned char)unit_random(seed, 0, 255);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		/* A pid that someone has by chance would be a living owner. */
		while (row->owner && kill(ident_pid(row->owner), 0) == 0)
			row->owner = row->owner + 1;
		row->space = SPACE;
	}
}

START_TEST(garbage_is_reaped)
{
	uint64_t seed = 31;

	ledger = shm_fresh();
	for (int i = 0; i < 5; i++) {
		scribble(&seed);
		ck_assert_int_eq(ledger_reap(ledger, SPACE), LEDGER_ROWS);
		ck_assert_int_eq(shm_owned(ledger), 0);
		scribble(&seed);
		ck_assert_ptr_nonnull(ledger_claim(ledger, ident_self(), SPACE));
		ck_assert_int_eq(shm_owned(ledger), 1);
	}
}
END_TEST

/* Owner words with no pid in them, or with our own and a time to come. */
START_TEST(garbage_of_the_worst_kind_is_reaped)
{
	ledger = shm_fresh();
	fill_rows((uint64_t)12345 << IDENT_PID_BITS, SPACE);
	ck_assert_int_eq(ledger_reap(ledger, SPACE), LEDGER_ROWS);
}
END_TEST

static void hold(int index, uint64_t job, int share, bool busy)
{
	ledger->rows[index].owner = ident_self();
	ledger->rows[index].job = job;
	ledger->rows[index].share = (uint16_t)share;
	ledger->rows[index].busy = busy;
}

START_TEST(what_others_have_taken_adds_up)
{
	struct ledger_taken taken;

	ledger = shm_fresh();
	hold(0, 1, 3, true);
	hold(7, 1, 4, true);
	hold(512, 2, 8, true);
	hold(1023, 1, 2, true);
	hold(99, 1, 64, false);
	hold(100, 1, 128, true);
	ledger->rows[100].owner = 0;
	taken = ledger_taken(ledger, &ledger->rows[7], 1);
	ck_assert_int_eq(taken.all, 13);
	ck_assert_int_eq(taken.job, 5);
	taken = ledger_taken(ledger, NULL, 2);
	ck_assert_int_eq(taken.all, 17);
	ck_assert_int_eq(taken.job, 8);
}
END_TEST

/* It computes without gates, or will come with its first: one core is its own by right. */
START_TEST(whoever_is_busy_has_taken_one)
{
	struct ledger_taken taken;

	ledger = shm_fresh();
	hold(0, 1, 3, true);
	hold(1, 1, 0, true);
	hold(2, 2, 0, true);
	taken = ledger_taken(ledger, NULL, 1);
	ck_assert_int_eq(taken.all, 5);
	ck_assert_int_eq(taken.job, 4);
}
END_TEST

START_TEST(a_record_goes_to_the_living)
{
	pid_t child = unit_child(unit_wait, NULL);
	uint64_t alive = shm_ident(child);

	ledger = shm_fresh();
	ck_assert_int_eq(ledger_record(ledger, alive), 0);
	ck_assert_uint_eq(ledger->records[0].job, alive);
	ledger->records[0].asked = ledger->records[0].given = 9;
	ledger->records[0].started = ledger->records[0].runtimes = 9;
	for (int i = 1; i < LEDGER_RECORDS; i++)
		ck_assert_int_eq(ledger_record(ledger, ident_self()), i);
	ck_assert_int_eq(ledger_record(ledger, ident_self()), -1);
	ck_assert_uint_eq(ledger->records[0].asked, 9);
	unit_end(child);
	ck_assert_int_eq(ledger_record(ledger, ident_self()), 0);
	ck_assert(!ledger->records[0].asked && !ledger->records[0].given
		  && !ledger->records[0].started && !ledger->records[0].runtimes);
	ledger->records[17].job = (uint64_t)999 << IDENT_PID_BITS;
	ck_assert_int_eq(ledger_record(ledger, ident_self()), 17);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_claim_is_a_row_of_ones_own,
		a_second_claim_is_the_same_row_begun_anew,
		a_namesake_is_replaced_a_stranger_is_not,
		nobody_is_turned_out_of_a_full_ledger,
		the_dead_make_room,
		the_killed_are_reaped_the_others_are_not,
		other_namespaces_are_none_of_our_business,
		who_died_while_claiming_is_reaped,
		garbage_is_reaped,
		garbage_of_the_worst_kind_is_reaped,
		what_others_have_taken_adds_up,
		whoever_is_busy_has_taken_one,
		a_record_goes_to_the_living,
	};

	return shm_run("ledger", tests, UNIT_COUNT(tests));
}
