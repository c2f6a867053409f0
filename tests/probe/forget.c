/* SPDX-License-Identifier: MIT */
/*
 * forget NAME: remove the ledger of that name, once a test is done with it. Not a victim but the
 * broom: a ledger outlives its guests by design. Says "guests N" first when N rows have a living
 * owner, so that a test can tell that it left a process behind.
 */
#define _GNU_SOURCE
#include "core/fence.h"
#include "core/ident.h"
#include "core/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

/* In /proc/PID/maps the inode of a SysV segment is its id:
 * 7f4c14a00000-7f4c14a11000 rw-s 00000000 00:01 32769    /SYSV52e1b6a3 (deleted)
 */
static int segment_at(const void *address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long low;
	char line[512];
	int id = -1;

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%*x %*s %*s %*s %d", &low, &id) == 2
		    && low == (unsigned long)address)
			return id;
	return -1;
}

int main(int argc, char **argv)
{
	unsigned long name = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct ledger *ledger = name ? ledger_open((uint32_t)name, false) : NULL;
	struct fences *fences = name ? fence_open((uint32_t)name, false) : NULL;
	int alive = 0;

	if (!name)
		return 2;
	if (fences)
		shmctl(segment_at(fences), IPC_RMID, NULL);
	if (!ledger)
		return 0;
	for (int i = 0; i < LEDGER_ROWS; i++)
		alive += ledger->rows[i].owner && ident_alive(ledger->rows[i].owner);
	if (alive)
		printf("guests %d\n", alive);
	return shmctl(segment_at(ledger), IPC_RMID, NULL) != 0;
}
