/* SPDX-License-Identifier: MIT */
/*
 * When a watcher looks. A look at every task is never more than half a percent of a CPU: where it
 * costs much, the next one is due later, and glances (cli/glance.h) come between, which tell
 * whether it cannot wait; so a fence is up within a second beside any number of threads that sleep.
 */
#ifndef RATION_PACE_H
#define RATION_PACE_H

#include "cli/glance.h"

#include <stdbool.h>

struct pace {
	double begin_s;
	double last_s, cost_s;            /* of the last look: when, and CPU that it took */
	double glance_s, glance_cost_s;   /* the same of the last glance */
	double glanced_s, glanced_used_s; /* from the last look to it, and what was used */
	bool hurried;                     /* the next is to be a look */
	struct glance glance;
};

struct pace pace_begin(double now_s);

void pace_end(struct pace *pace);

/* CPU that this thread has used: how much a look costs does not depend on who else computes. */
double pace_cpu_s(void);

/* A look that began then has been done, for so much of pace_cpu_s. */
void pace_looked(struct pace *pace, double now_s, double cost_s, const struct queue *seen);

/* Instead of one, into glanced_*. 0; -ESRCH: nothing lives that was there. */
int pace_glance(struct pace *pace, double now_s);

/* Whether it is too early for a look, and so time for a glance. */
bool pace_is_early(const struct pace *pace, double now_s);

/* From now on, to the next of either. held: by a quota, and not fenced. */
double pace_due_s(const struct pace *pace, double now_s, bool held);

/* Whether a quota of the kernel holds this process to so many cores or fewer. */
bool pace_is_held(int cores);

/* The least time in which anything can be judged. */
extern const double pace_least_s;

#endif
