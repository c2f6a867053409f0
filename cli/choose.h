/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs a fence is put around. Arithmetic only, so that every rule is tested on
 * machines that are not there. A CPU costs what others compute on it, and what others have
 * claimed; less of that if it is on the other hardware thread of its core; and something
 * for each CPU of the same core that has been chosen already. Those of one node are taken
 * together, unless crowding its cores costs more than going to another node. What costs the
 * same is chosen by the seed, so that not everybody begins at CPU 0.
 */
#ifndef RATION_CHOOSE_H
#define RATION_CHOOSE_H

#include "core/mask.h"

struct choose_cpu {
	int number;
	int node;
	int core;    /* the same for the hardware threads of one core, and for no others */
	double load; /* 0 to 1: what others compute there */
	int claims;  /* fences of others that have it */
	int pins;    /* tasks of ours that are bound to a part of the machine, this one in it */
};

struct choose_choice {
	struct mask mask;
	double cost; /* to be compared with that of another choice, of as many CPUs */
};

/* count CPUs that may be used, want of them; all if there are no more. -ENOMEM, or 0. */
int choose_cpus(const struct choose_cpu *cpus, int count, int want, uint32_t seed,
		struct choose_choice *choice);

/* What those of the mask cost together. */
double choose_cost(const struct choose_cpu *cpus, int count, const struct mask *mask);

#endif
