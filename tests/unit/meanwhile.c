/* SPDX-License-Identifier: MIT */
/*
 * shim/flight.c, the moment at which a share falls: a call may begin while those in flight are
 * looked at. The last of their berths lie on a page of their own here, that cannot be read at
 * first: so the call begins in the midst of that look each time.
 */
#define _GNU_SOURCE
#include "shim/flight.c"

#include "tests/unit/home.h"

#include <sys/mman.h>

enum { PAGE = 65536, HALF = (offsetof(struct home, berths[GUEST_BERTHS / 2]) + 7) / 8 * 8 };

static char *last_page;
static atomic_int begun_with;

static void begin_one(int number)
{
	struct row *row = atomic_load(&guest_home->row);

	(void)number;
	begun_with = ledger_share_in(atomic_fetch_add(&row->claim, LEDGER_FLIGHT));
	mprotect(last_page, PAGE, PROT_READ | PROT_WRITE);
}

/* A home whose berths are halved by the end of a page. */
static struct home *halved(struct row *row)
{
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct home *half = (struct home *)(pages + PAGE - HALF);

	ck_assert(pages != MAP_FAILED && HALF < PAGE && sizeof *half - HALF < PAGE);
	last_page = pages + PAGE;
	half->row = row;
	half->self = row->owner;
	half->reaped_ms = (uint32_t)ident_coarse_ms();
	half->berths[0].thread = (uint32_t)getpid();
	half->berths[0].flies = BERTH_FLIES;
	half->berths[0].share = 2;
	row->flights = 1;
	return half;
}

START_TEST(who_begins_meanwhile_keeps_what_it_saw)
{
	struct row *row = home_begin(6, 6);
	struct sigaction begin = { .sa_handler = begin_one };

	guest_home = halved(row);
	ck_assert_int_eq(sigaction(SIGSEGV, &begin, NULL), 0);
	ck_assert_int_eq(mprotect(last_page, PAGE, PROT_NONE), 0);
	guest_pay_back(guest_home, row, 1);
	ck_assert_int_eq(begun_with, 6);
	ck_assert_int_eq(row->share, 6);
	ck_assert_int_eq(row->flights, 2);
	ck_assert_int_eq(guest_home->share, 1); /* the next begins with that */
	ledger_land(row);
	guest_pay_back(guest_home, row, 1); /* nobody comes this time */
	ck_assert_int_eq(row->share, 2);
	ck_assert_int_eq(row->flights, 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { who_begins_meanwhile_keeps_what_it_saw };

	return shm_run("meanwhile", tests, UNIT_COUNT(tests));
}
