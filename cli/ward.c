/* SPDX-License-Identifier: MIT */
/* The fence of a warden: raised around its tasks, moved, lifted. Where it stands is site.c's. */
#define _GNU_SOURCE
#include "cli/ward.h"

#include <time.h>

static const double yield_s = 0.5, move_s = 2;

enum { PASSES = 8 };

double ward_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void ward_visit(void *arg, const struct tree_task *task)
{
	struct warden *warden = arg;

	topology_note(&warden->site.topology, task->cpu, (double)task->ran_ns * 1e-9);
	bind_task(&warden->bind, task);
}

/* Until a pass finds nothing to change: what is born meanwhile has what its parent had. */
void ward_pass(struct warden *warden)
{
	for (int i = 0; i < PASSES; i++) {
		warden->bind.changed = 0;
		if (tree_sample(warden->tree, &warden->seen) != 0 || !warden->bind.changed)
			return;
	}
}

/* Who has chosen for itself, while all are out. */
static void look_around(struct warden *warden)
{
	warden->bind.order = BIND_LOOK;
	tree_sample(warden->tree, &warden->seen);
	warden->bind.order = BIND_NOT;
}

static void put_in(struct warden *warden)
{
	warden->bind.mask = warden->site.mask;
	warden->bind.order = BIND_IN;
	ward_pass(warden);
}

void ward_let_out(struct warden *warden)
{
	warden->bind.order = BIND_OUT;
	ward_pass(warden);
	warden->bind.order = BIND_NOT;
	bind_forget(&warden->bind);
}

/* Where a pass takes long: around what is known, before it. Whether it was chosen. */
bool ward_hold(struct warden *warden)
{
	const struct queue *seen = tree_seen(warden->tree), *fresh = &warden->pace.glance.fresh;

	site_survey(&warden->site);
	if (site_choose(&warden->site) != 0)
		return false;
	warden->bind.mask = warden->site.mask;
	for (size_t i = 1; i < seen->count; i++) /* after the root */
		bind_at_once(&warden->bind, seen->entries[i].pid);
	for (size_t i = 0; i < fresh->count; i++)
		bind_at_once(&warden->bind, fresh->entries[i].pid);
	return true;
}

void ward_raise(struct warden *warden, enum fence_why why)
{
	double now = ward_now_s();

	if (!warden->urgent) {
		site_survey(&warden->site);
		look_around(warden);
		if (site_choose(&warden->site) != 0)
			return;
	}
	site_publish(&warden->site, why);
	put_in(warden);
	warden->raised = true;
	warden->raised_s = warden->moved_s = now;
	if (warden->story.times++ == 0)
		warden->story.first_s = now - warden->pace.begin_s;
	warden->story.why = (int)why;
	warden->story.mask = warden->site.mask;
}

void ward_lift(struct warden *warden)
{
	ward_let_out(warden);
	site_withdraw(&warden->site);
	warden->raised = false;
	warden->story.total_s += ward_now_s() - warden->raised_s;
}

/* After those who chose at the same moment, if they did; then to where it is better for long. */
static bool choose_anew(struct warden *warden)
{
	double since_s = ward_now_s() - warden->moved_s;

	if (since_s < yield_s && site_yield(&warden->site))
		return true;
	if (since_s < move_s && site_stands(&warden->site))
		return false;
	warden->moved_s = ward_now_s();
	return site_reconsider(&warden->site);
}

bool ward_move(struct warden *warden)
{
	struct mask was = warden->site.mask;

	if (!choose_anew(warden) || mask_same(&was, &warden->site.mask))
		return false;
	ward_let_out(warden);
	look_around(warden);
	put_in(warden);
	warden->story.mask = warden->site.mask;
	return true;
}
