/* SPDX-License-Identifier: MIT */
/*
 * core/round.c, a guest of another pid namespace: its pid says nothing here, whoever has
 * it; its gates speak for it.
 */
#define _GNU_SOURCE
#include "tests/unit/seat.h"

/* As FOREIGN_QUIET_MS of round.c: beyond it is silence. */
enum { QUIET_MS = 2000, LONG_MS = 100 };

START_TEST(a_guest_that_cannot_be_measured_is_believed_until_it_is_silent)
{
	pid_t namesake = unit_idle_child(); /* a process of ours with its pid, that rests */
	struct row *row;

	seat_begin(6);
	row = seat_take(namesake, 6, 3);
	row->space = SEAT_SPACE + 1;
	for (int ms = LONG_MS; ms < QUIET_MS; ms += LONG_MS) {
		seat_lead(LONG_MS);
		ck_assert(row->calls == CALLS && row->busy && row->share == 3);
	}
	row->passed = 1; /* it comes to a gate */
	seat_lead(LONG_MS);
	seat_lead(QUIET_MS - LONG_MS);
	ck_assert(row->calls == CALLS && row->share == 3);
	seat_lead(2 * LONG_MS);
	ck_assert(row->calls == CALLS_NOT && !row->busy && !row->share && row->owner);
	unit_end(namesake);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_guest_that_cannot_be_measured_is_believed_until_it_is_silent,
	};

	return shm_run("elsewhere", tests, UNIT_COUNT(tests));
}
