/* SPDX-License-Identifier: MIT */
/*
 * Where a fence stands: chosen among what the command may use (base), inside the fence of an outer
 * `ration` if it is raised, and inside the CPUs of the user if the configuration gives less than
 * the machine; then published, so that others choose elsewhere. Of those who chose at the same
 * moment, who see each other only when they have published, the later ones yield: all come to stand
 * as if they had begun one after the other.
 */
#ifndef RATION_SITE_H
#define RATION_SITE_H

#include "cli/topology.h"
#include "cli/warden.h"
#include "core/fence.h"

struct site {
	int cores, user_cores; /* the latter 0: the machine */
	uint64_t owner, job;
	uint32_t seed;
	struct mask base;
	struct mask mask; /* chosen last */
	struct topology topology;
	struct fences *fences; /* NULL: none to be had */
	struct fence_row *row; /* NULL: the same, or owner 0 */
	int better;            /* what looks in a row said for another place */
};

/* owner: ident of the process that will publish; 0: nobody will. 0 or -errno. */
int site_open(struct site *site, const struct warden_orders *orders, uint64_t owner);
void site_close(struct site *site);

/* What others compute and have claimed, as of now; then, of our own tasks, what is pinned. */
void site_survey(struct site *site);
void site_note_pin(struct site *site, const struct mask *pin);

int site_choose(struct site *site); /* into mask; 0 or -errno */
void site_publish(struct site *site, enum fence_why why);
void site_withdraw(struct site *site);

/* Whether mask is still inside all that it has to be in. */
bool site_stands(const struct site *site);

/* Give way to those who stood here before: true, and published, if there is a better place. */
bool site_yield(struct site *site);

/* Choose again: true, and published, if the place has to be left or another has been better. */
bool site_reconsider(struct site *site);

/* CPUs that the user's other commands use at the moment, as their wardens tell. */
void site_tell_used(struct site *site, double cpus);
double site_others_used(const struct site *site);

#endif
