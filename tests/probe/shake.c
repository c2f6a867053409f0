/* SPDX-License-Identifier: MIT */
/*
 * shake NAME MOST [say]: every 0.2 ms, give each guest of the ledger of that name another share, 1
 * to MOST at random, as if the whole world came and went. Until it is killed, or its parent ends;
 * it may say then how many of its shares were others than before.
 */
#define _GNU_SOURCE
#include "core/ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static volatile sig_atomic_t over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

int main(int argc, char **argv)
{
	static const struct timespec interval = { .tv_nsec = 200000 };
	uint32_t name = argc > 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	int most = name ? atoi(argv[2]) : 0;
	struct ledger *ledger = name ? ledger_open(name, true) : NULL;
	long changes = 0;

	if (!ledger || most < 1)
		return 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(name);
	if (argc > 3)
		signal(SIGTERM, end);
	while (!over) {
		for (int i = 0; i < LEDGER_ROWS; i++) {
			uint16_t share = (uint16_t)(1 + random() % most);

			if (!ledger->rows[i].owner)
				continue;
			changes += ledger->rows[i].target != share;
			ledger->rows[i].target = share;
			/* Two times of three it has already taken it. */
			if (random() % 3)
				ledger->rows[i].share = share;
		}
		nanosleep(&interval, NULL);
	}
	printf("%ld\n", changes);
	return 0;
}
