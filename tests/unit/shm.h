/* SPDX-License-Identifier: MIT */
/*
 * A ledger for a test: empty, nobody else's, gone with its last user. As root the
 * whole test file has a System V namespace of its own; the names are its own anyway.
 * shm_run's last test fails the file if a segment is left in it.
 */
#ifndef TESTS_SHM_H
#define TESTS_SHM_H

#include "core/ident.h"
#include "core/ledger.h"

#include "tests/unit/unit.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/shm.h>

enum { SHM_NAMES = 8, SHM_TESTS = 32 };

static uint32_t shm_name; /* and the SHM_NAMES - 1 after it */
static bool shm_alone;    /* nobody else's segments are to be seen */

/* In /proc/PID/maps the inode of a SysV segment is its id:
 * 7f4c14a00000-7f4c14a11000 rw-s 00000000 00:01 32769    /SYSV52e1b6a3
 */
static inline int shm_id(const void *address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long low;
	char line[512];
	int id = -1, found = -1;

	while (maps && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%*x %*s %*s %*s %d", &low, &id) == 2
		    && low == (unsigned long)address)
			found = id;
	if (maps)
		fclose(maps);
	return found;
}

static inline bool shm_drop(void *segment)
{
	return shmctl(shm_id(segment), IPC_RMID, NULL) == 0 && shmdt(segment) == 0;
}

static inline void shm_remove(struct ledger *ledger)
{
	ck_assert(shm_drop(ledger));
}

/* Without a key from the start: nobody finds it, children have it, it goes with them. */
static inline struct ledger *shm_fresh(void)
{
	struct ledger *ledger = ledger_open(shm_name, true);

	ck_assert_ptr_nonnull(ledger);
	ck_assert_int_eq(shmctl(shm_id(ledger), IPC_RMID, NULL), 0);
	return ledger;
}

/* What a process would call itself now. */
static inline uint64_t shm_ident(pid_t pid)
{
	return ident_self() >> IDENT_PID_BITS << IDENT_PID_BITS | (uint64_t)pid;
}

static inline int shm_owned(struct ledger *ledger)
{
	int rows = 0;

	for (int i = 0; i < LEDGER_ROWS; i++)
		rows += ledger->rows[i].owner != 0;
	return rows;
}

/* How many segments there are: one line each in this file, below its heading. */
static inline int shm_count(void)
{
	FILE *list = fopen("/proc/sysvipc/shm", "r");
	char line[512];
	int count = -1;

	while (list && fgets(line, sizeof line, list))
		count++;
	if (list)
		fclose(list);
	return count;
}

START_TEST(no_segment_is_left)
{
	for (uint32_t i = 0; i < SHM_NAMES; i++)
		ck_assert_ptr_null(ledger_open(shm_name + i, false));
	if (shm_alone)
		ck_assert_int_eq(shm_count(), 0);
}
END_TEST

static inline int shm_run(const char *name, const TTest **tests, size_t count)
{
	const TTest *all[SHM_TESTS + 1];
	struct ledger *left;
	int failed;

	for (size_t i = 0; i < count && i < SHM_TESTS; i++)
		all[i] = tests[i];
	all[count < SHM_TESTS ? count : SHM_TESTS] = no_segment_is_left;
	shm_alone = unshare(CLONE_NEWIPC) == 0;
	shm_name = 0x80000000u + (uint32_t)getpid() * SHM_NAMES; /* none that a .t file has */
	failed = count <= SHM_TESTS ? unit_run(name, all, count + 1) : 1;
	for (uint32_t i = 0; i < SHM_NAMES; i++)
		while ((left = ledger_open(shm_name + i, false)) != NULL && shm_drop(left))
			;
	return failed;
}

#endif
