/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/pace.h"

#include "cli/excess.h"
#include "cli/machine.h"

#include <time.h>
#include <unistd.h>

/*
 * A command that will exceed its cores often does so at once: then it is looked at more often.
 * Where a quota holds it anyway, a fence only spares it the throttling, and each look takes of that
 * quota: then seldom.
 */
static const double young_s = 0.5, look_young_s = 0.02, look_s = 0.125, look_held_s = 2,
		    look_part = 0.005, glance_most_s = 0.5;
const double pace_least_s = 0.004;

struct pace pace_begin(double now_s)
{
	return (struct pace){ .begin_s = now_s, .last_s = now_s, .glance_s = now_s };
}

double pace_cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool has_glances(const struct pace *pace)
{
	return pace->cost_s / look_part > 4 * look_s;
}

void pace_looked(struct pace *pace, double now_s, double cost_s, const struct queue *seen)
{
	pace->last_s = now_s;
	pace->hurried = false;
	pace->glanced_s = pace->glanced_used_s = 0;
	pace->cost_s = cost_s;
	if (has_glances(pace) && glance_begin(&pace->glance, seen) != 0)
		pace->cost_s = 0; /* no memory: then without */
}

int pace_glance(struct pace *pace, double now_s)
{
	double cpu_s = pace_cpu_s();
	int error = glance_look(&pace->glance, &pace->glanced_used_s);

	pace->glance_s = now_s;
	pace->glanced_s = now_s - pace->last_s;
	pace->glance_cost_s = pace_cpu_s() - cpu_s;
	return error;
}

void pace_end(struct pace *pace)
{
	glance_free(&pace->glance);
}

bool pace_is_held(int cores)
{
	struct machine machine;

	return machine_read(&machine, getpid(), "") == 0 && machine.quota_exact > 0
	       && machine.quota_exact * 100 <= cores * (double)EXCESS_PCT;
}

bool pace_is_early(const struct pace *pace, double now_s)
{
	return has_glances(pace) && !pace->hurried
	       && now_s < pace->last_s + pace->cost_s / look_part;
}

static double least(double one, double other)
{
	return one < other ? one : other;
}

double pace_due_s(const struct pace *pace, double now_s, bool held)
{
	bool young = pace->last_s - pace->begin_s < young_s;
	double wait_s = young ? look_young_s : look_s, due_s = pace->last_s,
	       costs_s = pace->cost_s / look_part;

	if (has_glances(pace)) {
		double glances_s = least(pace->glance_cost_s / look_part, glance_most_s);

		if (pace->glance_s > due_s)
			due_s = pace->glance_s;
		due_s = least(due_s + (glances_s > wait_s ? glances_s : wait_s),
			      pace->last_s + costs_s);
	} else {
		due_s += wait_s < costs_s && !young ? costs_s : wait_s;
	}
	if (held && due_s < pace->last_s + look_held_s)
		due_s = pace->last_s + look_held_s;
	return due_s - now_s > pace_least_s ? due_s - now_s : pace_least_s;
}
