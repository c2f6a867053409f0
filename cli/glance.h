/* SPDX-License-Identifier: MIT */
/*
 * Between two passes through a tree that has many tasks: what its processes have used since. One
 * clock is asked for each process, no thread is listed: less than a microsecond for one that
 * sleeps, half a millisecond for one of 20 000 threads. Of processes that ran, those that their
 * first threads have begun meanwhile are looked at too; what other threads begin is for the next
 * pass to find.
 */
#ifndef RATION_GLANCE_H
#define RATION_GLANCE_H

#include "cli/queue.h"

#include <stdint.h>

struct glance {
	const struct queue *seen; /* by the last pass; the first is the root */
	struct queue fresh;       /* found since */
	uint8_t *known;           /* a bit for each pid of seen */
	char *text;
};

/* After a pass, and until the next one. 0 or -ENOMEM. */
int glance_begin(struct glance *glance, const struct queue *seen);

/* s of CPU since then. 0; -ESRCH: none of them lives. */
int glance_look(struct glance *glance, double *used_s);

void glance_free(struct glance *glance);

#endif
