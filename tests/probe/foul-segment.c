/* SPDX-License-Identifier: MIT */
/*
 * Shared memory that is made to harm others. huge ledger|fences: huge pages that are not there,
 * where its user's own would be. squat UID: all keys of another user's ledger and fences, open to
 * all. fill: one byte each, until there are no more to be had.
 */
#define _GNU_SOURCE
#include "core/fence.h"
#include "core/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

static key_t key_of(uint64_t uid, bool ledger, unsigned probe)
{
	uint32_t family = ledger ? 0x52000000u : 0x46000000u + (FENCE_LAYOUT << 20);
	uint64_t mixed = uid << 32 | (ledger ? LEDGER_LAYOUT : 0);

	mixed = (mixed + probe) * 0x9e3779b97f4a7c15u;
	mixed ^= mixed >> 29;
	return (key_t)(family | ((uint32_t)(mixed >> 8) & (ledger ? 0xffffffu : 0xfffffu)));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *whose = argc > 2 ? argv[2] : "0";
	bool ledger = !strcmp(whose, "ledger");
	int made = 0;

	if (!strcmp(what, "huge"))
		made = shmget(key_of(getuid(), ledger, 0),
			      ledger ? sizeof(struct ledger) : sizeof(struct fences),
			      IPC_CREAT | SHM_HUGETLB | SHM_NORESERVE | (ledger ? 0600 : 0644))
		       >= 0;
	for (unsigned i = 0; i < 16 && !strcmp(what, "squat"); i++)
		made += shmget(key_of(strtoul(whose, NULL, 10), i & 1, i / 2), 1 << 20,
			       IPC_CREAT | IPC_EXCL | 0777)
			>= 0;
	while (!strcmp(what, "fill") && shmget(IPC_PRIVATE, 1, 0644) >= 0)
		made++;
	printf("%d\n", made);
	return made == 0;
}
