/* SPDX-License-Identifier: MIT */
/* The steps of a program made at random (steps.c), and what takes them (teams.c). */
#ifndef RATION_STEPS_H
#define RATION_STEPS_H

#include <stdbool.h>

/* One thread that takes steps: the first, one that it starts, a forked child's. */
struct walker {
	unsigned long random;
	int own;    /* that it has set itself; 0: nothing */
	int kept;   /* regions since what its team keeps was begun; -1: it is not */
	int team;   /* the size of that team */
	int procs;  /* as it was told */
	int depth;  /* of forks */
	bool first; /* its team keeps: threadprivate data are of one initial thread */
};

static inline unsigned draw(struct walker *walker, unsigned below)
{
	walker->random = walker->random * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(walker->random >> 33) % below;
}

/* What the first who asked was told, 0: nobody yet; the same, kept by a constructor. */
extern int steps_number, steps_cached;
extern int steps_looked, steps_wrong;
extern void (*steps_call_back)(void); /* into an interpreter; NULL: none began us */

/* One look: what has to be so is so, or is named. */
void steps_look(bool right, const char *what, long got, long wanted);

void step_ask(struct walker *walker);
void step_team(struct walker *walker);
void step_share(struct walker *walker);
void step_buffer(struct walker *walker);
void step_keep(struct walker *walker);
void step_set(struct walker *walker);
void step_clause(struct walker *walker);
void step_nested(struct walker *walker);
void step_constructs(struct walker *walker);
void step_procs(struct walker *walker);
void step_solve(struct walker *walker);
void step_pass_time(struct walker *walker);

#endif
