/* SPDX-License-Identifier: MIT */
/* core/ledger.c: the row of a process that a fork has just made. The others are in ledger.c. */
#define _GNU_SOURCE
#include "tests/unit/shm.h"

enum { SPACE = 4026531836u % 1000000 };

static struct ledger *ledger;

/* What of it this process has touched, in kB, as /proc/PID/smaps has it: "Rss:    8 kB". */
static int touched_kb(void)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	unsigned long low;
	bool here = false;
	char line[512];
	int rss = -1, number;

	while (maps && rss < 0 && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%*x ", &low) == 1)
			here = low == (unsigned long)ledger;
		else if (here && sscanf(line, "Rss: %d", &number) == 1)
			rss = number;
	}
	if (maps)
		fclose(maps);
	return rss;
}

static void claim(void *row)
{
	bool claimed = ledger_claim_new(ledger, ident_self(), SPACE) != NULL;

	_exit(!claimed || touched_kb() < 0 || touched_kb() > *(int *)row);
}

/* Run in a child: what it answers. */
static int status_of(void (*work)(void *), void *argument)
{
	int status = -1;

	ck_assert_int_ge(waitpid(unit_child(work, argument), &status, 0), 0);
	return status;
}

START_TEST(it_touches_a_page_or_two)
{
	int most_kb = 8;

	ledger = shm_fresh();
	for (int i = 0; i < LEDGER_ROWS; i += 7) { /* here and there a guest */
		ledger->rows[i].owner = ident_self();
		ledger->rows[i].space = SPACE;
	}
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(status_of(claim, &most_kb), 0);
}
END_TEST

START_TEST(it_takes_the_row_of_a_dead_namesake)
{
	uint64_t self = ident_self();
	struct row *dead, *mine;

	ledger = shm_fresh();
	dead = ledger_claim(ledger, self - (5ul << IDENT_PID_BITS), SPACE);
	dead->share = 1;
	dead->busy = 1;
	mine = ledger_claim_new(ledger, self, SPACE);
	ck_assert_ptr_eq(mine, dead);
	ck_assert_uint_eq(mine->owner, self);
	ck_assert(!mine->share && !mine->busy);
	ck_assert_int_eq(shm_owned(ledger), 1);
}
END_TEST

START_TEST(nobody_is_turned_out_for_it)
{
	uint64_t self = ident_self();

	ledger = shm_fresh();
	for (int i = 0; i < LEDGER_ROWS; i++) {
		ledger->rows[i].owner = shm_ident(getppid());
		ledger->rows[i].space = SPACE;
	}
	ck_assert_ptr_null(ledger_claim_new(ledger, self, SPACE + 1));
	ck_assert_uint_eq(ledger->overflow, 1);
	ledger->rows[4].owner = 0;
	ck_assert_ptr_eq(ledger_claim_new(ledger, self, SPACE), &ledger->rows[4]);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		it_touches_a_page_or_two,
		it_takes_the_row_of_a_dead_namesake,
		nobody_is_turned_out_for_it,
	};

	return shm_run("claim", tests, UNIT_COUNT(tests));
}
