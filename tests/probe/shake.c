/* SPDX-License-Identifier: MIT */
/*
 * shake NAME MOST: every 0.2 ms, give each guest of the ledger of that name another share, 1 to
 * MOST at random, as if the whole world came and went. Until it is killed, or its parent ends.
 */
#define _GNU_SOURCE
#include "core/ledger.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

int main(int argc, char **argv)
{
	static const struct timespec interval = { .tv_nsec = 200000 };
	uint32_t name = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	int most = name ? atoi(argv[2]) : 0;
	struct ledger *ledger = name ? ledger_open(name, true) : NULL;

	if (!ledger || most < 1)
		return 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(name);
	for (;;) {
		for (int i = 0; i < LEDGER_ROWS; i++) {
			uint16_t share = (uint16_t)(1 + random() % most);

			if (!ledger->rows[i].owner)
				continue;
			ledger->rows[i].target = share;
			/* Two times of three it has already taken it. */
			if (random() % 3)
				ledger->rows[i].share = share;
		}
		nanosleep(&interval, NULL);
	}
}
