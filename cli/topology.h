/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that may be used, as the choice of a fence sees them: node and core of each, and what
 * others compute on it. Load is what /proc/stat counted since the last look, less what our own
 * tasks used there: so it takes two looks, and no waiting.
 */
#ifndef RATION_TOPOLOGY_H
#define RATION_TOPOLOGY_H

#include "cli/choose.h"

struct topology {
	struct choose_cpu *cpus;
	int count;
	uint64_t *busy;  /* ticks, of each, at the last look */
	uint64_t *total; /* the same, idle ones included */
	double *own_s;   /* used by our own tasks since then */
};

/*
 * root stands before /sys and /proc: "", or in tests a directory that is made to look like another
 * machine. 0 or -ENOMEM; what is not said there is taken for one node, and a core for each CPU.
 */
int topology_open(struct topology *topology, const struct mask *base, const char *root);
void topology_close(struct topology *topology);

/* Our own task ran there. */
void topology_note(struct topology *topology, int cpu, double own_s);

/* Look at the load now. inside: where our own tasks ran, if that is known better; or NULL. */
void topology_look(struct topology *topology, const char *root, const struct mask *inside);

#endif
