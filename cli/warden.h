/* SPDX-License-Identifier: MIT */
/*
 * Watches one command and all that it starts, from outside, and keeps it on its cores: raises a
 * fence around its tasks when they use more, moves it when the place turns out crowded, lifts it
 * when the excess is gone. Nothing in here waits: whoever has a warden calls warden_look() when
 * warden_due_s() have passed, a few times a second; a look costs some 20 us a task, and where it
 * costs more, the next one is due later, so that it is never more than half a percent of a CPU, and
 * what is asked meanwhile costs little (cli/pace.h).
 * Under a quota that holds the command to its cores anyway, a look is due every other second.
 */
#ifndef RATION_WARDEN_H
#define RATION_WARDEN_H

#include "conf/conf.h"
#include "core/mask.h"

#include <sys/types.h>

struct warden;

struct warden_orders {
	enum conf_fence mode; /* auto or always */
	int cores;            /* of the command */
	int budget;           /* of the user; 0: nobody says anything */
	uint64_t job;
	uint32_t ledger; /* its name */
	pid_t command;   /* 0: all that descends from the caller */
	bool placed;     /* it begins inside a fence: place */
	struct mask base, place;
};

/* What became of it, for people. */
struct warden_story {
	int times;        /* that the fence was raised */
	double first_s;   /* when first, since the warden began */
	double total_s;   /* for how long, together */
	int why;          /* enum fence_why, the last time */
	struct mask mask; /* the last one */
};

int warden_open(struct warden **warden, const struct warden_orders *orders); /* 0 or -errno */
void warden_look(struct warden *warden);
void warden_hurry(struct warden *warden);           /* the next look is one at every task */
double warden_due_s(const struct warden *warden);   /* from now on */
int warden_alive(const struct warden *warden);      /* processes, at the last look */
int warden_adopt(struct warden *warden, pid_t pid); /* one that has lost its parent */
struct warden_story warden_story(const struct warden *warden);
void warden_close(struct warden *warden); /* the fence stays as it is */

#endif
