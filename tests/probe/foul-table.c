/* SPDX-License-Identifier: MIT */
/*
 * foul-table TABLES MASK OWNER: so many tables of fences, all of whose rows claim the CPUs of MASK
 * (hexadecimal); the watcher that they name is this process, or pid 1. Says how many, and waits.
 */
#define _GNU_SOURCE
#include "core/fence.h"
#include "core/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t self = ident_self(), mask = argc == 4 ? strtoull(argv[2], NULL, 16) : 0;
	int tables = argc == 4 ? atoi(argv[1]) : 0, made = 0;

	if (argc == 4 && atoi(argv[3]) == 1)
		self = self >> IDENT_PID_BITS << IDENT_PID_BITS | 1;
	for (int i = 0; i < tables; i++) {
		key_t key = 0x46000000 + (FENCE_LAYOUT << 20) + 0x100 + i;
		int id = shmget(key, sizeof(struct fences), IPC_CREAT | 0644);
		struct fences *fences = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

		if (fences == (void *)-1)
			break;
		for (int row = 0; row < FENCE_ROWS; row++) {
			fences->rows[row].space = ident_namespace();
			fences->rows[row].state = FENCE_RAISED;
			fences->rows[row].cores = 1;
			fences->rows[row].mask.bits[0] = mask;
			fences->rows[row].owner = self;
		}
		shmdt(fences);
		made++;
	}
	printf("%d\n", made);
	fflush(stdout);
	pause();
	return 0;
}
