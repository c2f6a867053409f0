/* SPDX-License-Identifier: MIT */
/*
 * rows NAME: what the ledger of that name says, as anyone could read it: one line for each row
 * that has an owner, "PID alive|dead busy|idle share N". Not a victim but a witness.
 */
#define _GNU_SOURCE
#include "core/ident.h"
#include "core/ledger.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct ledger *ledger =
		ledger_open(argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, false);

	for (int i = 0; ledger && i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		if (row->owner)
			printf("%d %s %s share %d\n", ident_pid(row->owner),
			       ident_alive(row->owner) ? "alive" : "dead",
			       row->busy ? "busy" : "idle", row->share);
	}
	return ledger ? 0 : 1;
}
