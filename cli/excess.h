/* SPDX-License-Identifier: MIT */
/*
 * When a fence is raised, and when it is lifted. Arithmetic only. A command is judged by the
 * CPU time it used, never by threads that sleep: what is more than its cores give in the same
 * time is added up, what is less is taken off, and past EXCESS_MS for each core the fence is
 * raised. So a command inside its cores is never touched, be it for hours, and one that is not
 * has had EXCESS_MS too much when the fence is up. Where others leave it less than its cores,
 * it is judged by what it wanted: time on a CPU and time in a run queue.
 */
#ifndef RATION_EXCESS_H
#define RATION_EXCESS_H

#include "core/fence.h"

enum {
	EXCESS_MS = 40,          /* of a core, for each core, above what it gives */
	EXCESS_PCT = 103,        /* of its cores: no excess yet */
	EXCESS_WANTED_MS = 500,  /* the same for time wanted, */
	EXCESS_WANTED_PCT = 200, /* and a core: on a busy machine every wakeup waits its turn */
	EXCESS_CALM_MS = 1000,   /* without excess for so long: lifted */
	EXCESS_AGAIN_MS = 10000, /* raised again so soon after: calm has to last twice as long, */
	EXCESS_CALM_MOST_MS = 32000, /* but never longer than this */
};

struct excess {
	int cores;
	bool raised;
	double used_s, wanted_s; /* too much of it, so far */
	double calm_s, calm_needed_s;
	double lifted_s; /* ago; not yet: a large number */
};

/* What happened since the last look. */
struct excess_look {
	double elapsed_s;
	double used_s;   /* CPU time */
	double wanted_s; /* that, and time in a run queue */
	int running;     /* tasks that want a CPU at this moment */
	/* Of the first two, what glances have told already. */
	double glanced_s, glanced_used_s;
};

enum excess_verdict { EXCESS_KEEP, EXCESS_RAISE, EXCESS_LIFT };

struct excess excess_begin(int cores);

/* why: set with EXCESS_RAISE. */
enum excess_verdict excess_judge(struct excess *excess, const struct excess_look *look,
				 enum fence_why *why);

/* Between two looks, if none is raised: the CPU used since the last. Whether it is too much. */
bool excess_glance(struct excess *excess, double elapsed_s, double used_s);

/* For people: what a fence was raised for. "": for nothing. */
const char *excess_text(enum fence_why why);

#endif
