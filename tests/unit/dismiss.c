/* SPDX-License-Identifier: MIT */
/*
 * core/round.c, the moment at which an idle guest is dismissed: it may come to its gate
 * while a round looks it up in /proc. That look is this program's own open(2) here, so
 * that the guest comes in the midst of it each time.
 */
#define _GNU_SOURCE
#include "tests/unit/seat.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

static struct row *comes; /* the guest that comes, or NULL */
static char look[32];     /* what is opened to look it up */
static int looks, took;   /* how often it has been; the share with which its call began */

/* The guest comes at the second look, when its row has been judged already. */
int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (comes && !strcmp(path, look) && ++looks == 2) {
		atomic_store(&comes->passed, 1);
		took = atomic_load(&comes->share);
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* Until the next round would dismiss them both. */
static void rest(struct row *row, struct row *other)
{
	while (row->quiet_ms + ROUND_MS < BUDGET_IDLE_MS) {
		seat_lead(ROUND_MS);
		ck_assert(row->calls == CALLS && other->calls == CALLS);
	}
}

START_TEST(a_guest_that_comes_while_it_is_dismissed_stays)
{
	pid_t guest = unit_idle_child(), twin = unit_idle_child();
	struct row *self, *row, *other;

	seat_begin(6);
	self = seat_take(getpid(), 6, 2);
	row = seat_take(guest, 6, 2);
	other = seat_take(twin, 6, 2);
	rest(row, other);
	snprintf(look, sizeof look, "/proc/%d/stat", guest);
	seat_ledger->next_doubt = (uint32_t)(self - seat_ledger->rows); /* doubted is another */
	comes = row;
	seat_lead(ROUND_MS);
	comes = NULL;
	ck_assert_int_ge(looks, 2);
	ck_assert_int_eq(took, 2);
	ck_assert(row->calls == CALLS && row->busy);
	ck_assert_int_eq(row->share, took);
	ck_assert_int_ge(row->target, took);
	/* Its twin, which has not come, is dismissed by that very round. */
	ck_assert(other->calls == CALLS_NOT && !other->busy);
	ck_assert_int_eq(other->share, 0);
	unit_end(guest);
	unit_end(twin);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { a_guest_that_comes_while_it_is_dismissed_stays };

	return shm_run("dismiss", tests, UNIT_COUNT(tests));
}
