/* SPDX-License-Identifier: MIT */
/*
 * How a budget is divided, and who counts as busy. Arithmetic only: no clock, no
 * memory of its own, no system call, so that every rule is tested by calling it.
 */
#ifndef RATION_BUDGET_H
#define RATION_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BUDGET_MAX = 4096,     /* cores: the most a budget, a wish or a share can be */
	BUDGET_IDLE_MS = 100,  /* without a call or CPU time for so long: idle */
	BUDGET_LOAD_MS = 100,  /* the span over which a guest's load is averaged */
	BUDGET_HEAVY_PCT = 50, /* a load from which plain computing takes a core */
	BUDGET_LIGHT_PCT = 30, /* a load below which it gives the core back */
};

/* One that takes part in a division: at least low, at most high cores. */
struct claim {
	int low;
	int high;
	int share; /* out */
};

/*
 * Max-min fair: the least served is served next, nobody above his high, nobody
 * below his low, even where the lows alone exceed the cores. The shares add up to
 * cores exactly if the highs allow it; what does not divide goes to the first.
 */
void budget_fill(struct claim *claims, size_t count, int cores);

/*
 * A busy guest, and the job it belongs to: at most job_cores for it, and for all of
 * that job together; where guests differ in it, the job has the most. Job 0 is no job.
 */
struct budget_guest {
	uint64_t job;
	int job_cores;
	int wish;
	int share; /* out */
};

enum { BUDGET_GUESTS = 1024 };

/* Room to work in: too much for a stack that is not ours. Its content means nothing. */
struct budget_room {
	uint64_t jobs[2 * BUDGET_GUESTS];
	int cores[2 * BUDGET_GUESTS]; /* of a job; 0: nobody here */
	int first[2 * BUDGET_GUESTS]; /* where in guests the claims of a job begin */
	struct claim job_claims[2 * BUDGET_GUESTS];
	struct claim guest_claims[BUDGET_GUESTS];
	uint16_t slot[BUDGET_GUESTS]; /* of the job of each guest */
};

/*
 * Divide cores among jobs, and what each job gets among its guests, in two levels
 * of budget_fill. Each guest has one core before anyone has two, so that the sum
 * is never above max(cores, count). At most BUDGET_GUESTS; those beyond get 1.
 */
void budget_divide(struct budget_guest *guests, size_t count, int cores, struct budget_room *room);

/* What is known of a guest when its next round comes. */
struct budget_watch {
	bool calls;    /* it has passed a gate since it last fell idle: it claims its wish */
	bool presumed; /* it has not, but has only just come: its CPU time proves nothing */
	bool busy;     /* it takes part in the division */
	int load_pct;  /* CPU used, averaged over BUDGET_LOAD_MS, 100 is one core */
	int quiet_ms;  /* since it last passed a gate or used CPU time */
};

/*
 * The next state of a guest that used used_ns of CPU in the last elapsed_ms, and
 * passed a gate in them or not. A guest that calls is busy until it has been quiet
 * for BUDGET_IDLE_MS; one that does not takes one core while it computes.
 */
struct budget_watch budget_judge(struct budget_watch was, bool passed, uint64_t used_ns,
				 int elapsed_ms);

/*
 * The share that a guest takes whose target is above its share: up only by what the
 * others have let go, of the whole (left) and of its job (left_in_job), which may be
 * negative; never below 1, nor below what it has.
 */
int budget_take(int target, int share, int left, int left_in_job);

int budget_clamp(long value, int low, int high);

#endif
