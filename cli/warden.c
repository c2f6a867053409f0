/* SPDX-License-Identifier: MIT */
/* The rules are in the header; when is decided in excess.c, where in site.c. */
#define _GNU_SOURCE
#include "cli/warden.h"

#include "cli/bind.h"
#include "cli/excess.h"
#include "cli/machine.h"
#include "cli/site.h"
#include "cli/tree.h"
#include "core/ident.h"

#include <stdlib.h>
#include <sys/shm.h>
#include <time.h>

/*
 * A command that will exceed its cores often does so at once: then it is looked at more often.
 * Where a quota holds it anyway, a fence only spares it the throttling, and each look takes of that
 * quota: then seldom.
 */
static const double young_s = 0.5, look_young_s = 0.02, look_s = 0.125, look_held_s = 2,
		    look_part = 0.005, look_least_s = 0.004, yield_s = 0.5, move_s = 2;

enum { PASSES = 8 };

struct warden {
	struct warden_orders orders;
	struct tree *tree;
	struct tree_sample seen;
	struct excess own, all; /* of the command; of all the user's commands */
	struct bind bind;
	struct site site;
	struct warden_story story;
	double begin_s, last_s, cost_s, raised_s, moved_s;
	bool raised;
	bool held; /* by a quota of the kernel, to these cores or fewer */
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void visit(void *arg, const struct tree_task *task)
{
	struct warden *warden = arg;

	topology_note(&warden->site.topology, task->cpu, (double)task->ran_ns * 1e-9);
	bind_task(&warden->bind, task);
}

/* Until a pass finds nothing to change: what is born meanwhile has what its parent had. */
static void pass_all(struct warden *warden)
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
	pass_all(warden);
}

static void let_out(struct warden *warden)
{
	warden->bind.order = BIND_OUT;
	pass_all(warden);
	warden->bind.order = BIND_NOT;
	bind_forget(&warden->bind);
}

static void raise_fence(struct warden *warden, enum fence_why why)
{
	double now = now_s();

	site_survey(&warden->site);
	look_around(warden);
	if (site_choose(&warden->site) != 0)
		return;
	site_publish(&warden->site, why);
	put_in(warden);
	warden->raised = true;
	warden->raised_s = warden->moved_s = now;
	if (warden->story.times++ == 0)
		warden->story.first_s = now - warden->begin_s;
	warden->story.why = (int)why;
	warden->story.mask = warden->site.mask;
}

static void lift_fence(struct warden *warden)
{
	let_out(warden);
	site_withdraw(&warden->site);
	warden->raised = false;
	warden->story.total_s += now_s() - warden->raised_s;
}

/* After those who chose at the same moment, if they did; then to where it is better for long. */
static bool choose_anew(struct warden *warden)
{
	double since_s = now_s() - warden->moved_s;

	if (since_s < yield_s && site_yield(&warden->site))
		return true;
	if (since_s < move_s && site_stands(&warden->site))
		return false;
	warden->moved_s = now_s();
	return site_reconsider(&warden->site);
}

static bool move_fence(struct warden *warden)
{
	struct mask was = warden->site.mask;

	if (!choose_anew(warden) || mask_same(&was, &warden->site.mask))
		return false;
	let_out(warden);
	look_around(warden);
	put_in(warden);
	warden->story.mask = warden->site.mask;
	return true;
}

/* The user's commands together, where the user has less than the machine. */
static enum excess_verdict judge_user(struct warden *warden, struct excess_look look,
				      enum fence_why *why)
{
	double others = site_others_used(&warden->site);
	enum excess_verdict verdict;

	if (!warden->site.user_cores || (others <= 0 && !warden->all.raised))
		return EXCESS_KEEP;
	look.used_s += others * look.elapsed_s;
	look.wanted_s += others * look.elapsed_s;
	look.running += (int)others;
	verdict = excess_judge(&warden->all, &look, why);
	if (verdict == EXCESS_RAISE)
		*why = FENCE_USER;
	return verdict;
}

static void judge(struct warden *warden, const struct excess_look *look)
{
	enum fence_why why = FENCE_ORDERED;
	bool wanted;

	excess_judge(&warden->own, look, &why);
	judge_user(warden, *look, &why);
	wanted = warden->orders.mode == CONF_FENCE_ALWAYS || warden->own.raised
		 || warden->all.raised;
	if (wanted && !warden->raised)
		raise_fence(warden, why);
	else if (!wanted && warden->raised)
		lift_fence(warden);
	else if (warden->raised && !move_fence(warden) && warden->bind.changed)
		pass_all(warden);
}

void warden_look(struct warden *warden)
{
	struct tree_sample was = warden->seen;
	double now = now_s();
	struct excess_look look = { .elapsed_s = now - warden->last_s };

	if (look.elapsed_s < look_least_s)
		return;
	warden->bind.changed = 0;
	if (tree_sample(warden->tree, &warden->seen) != 0)
		return;
	look.used_s = warden->seen.used_s - was.used_s;
	look.wanted_s = warden->seen.run_s - was.run_s + warden->seen.wait_s - was.wait_s;
	look.running = warden->seen.running;
	warden->last_s = now;
	site_tell_used(&warden->site, look.used_s / look.elapsed_s);
	judge(warden, &look);
	warden->cost_s = now_s() - now;
}

double warden_due_s(const struct warden *warden)
{
	double age_s = warden->last_s - warden->begin_s,
	       due_s = age_s < young_s ? look_young_s : look_s;

	if (due_s < warden->cost_s / look_part && age_s >= young_s)
		due_s = warden->cost_s / look_part;
	if (warden->held && !warden->raised && due_s < look_held_s)
		due_s = look_held_s;
	due_s += warden->last_s - now_s();
	return due_s > look_least_s ? due_s : look_least_s;
}

int warden_adopt(struct warden *warden, pid_t pid)
{
	return tree_join(warden->tree, pid);
}

int warden_alive(const struct warden *warden)
{
	return warden->seen.processes;
}

struct warden_story warden_story(const struct warden *warden)
{
	struct warden_story story = warden->story;

	if (warden->raised)
		story.total_s += now_s() - warden->raised_s;
	return story;
}

static void found(void *arg, const struct mask *own)
{
	struct warden *warden = arg;

	site_note_pin(&warden->site, own);
}

static bool is_held(int cores)
{
	struct machine machine;

	return machine_read(&machine, getpid(), "") == 0 && machine.quota_exact > 0
	       && machine.quota_exact * 100 <= cores * (double)EXCESS_PCT;
}

static void begin_placed(struct warden *warden)
{
	warden->site.mask = warden->orders.place;
	site_publish(&warden->site, FENCE_ORDERED);
	warden->bind.mask = warden->site.mask; /* somebody else may have been there first */
	warden->bind.order = BIND_IN;
	warden->raised = true;
	warden->raised_s = warden->moved_s = now_s();
	warden->story = (struct warden_story){ .times = 1,
					       .why = FENCE_ORDERED,
					       .mask = warden->site.mask };
}

int warden_open(struct warden **out, const struct warden_orders *orders)
{
	struct warden *warden = calloc(1, sizeof *warden);
	int error;

	if (!warden)
		return -ENOMEM;
	warden->orders = *orders;
	warden->begin_s = warden->last_s = now_s();
	warden->own = excess_begin(orders->cores);
	warden->held = is_held(orders->cores);
	error = tree_open(&warden->tree, getpid());
	/* One that has ended already may have left others. */
	if (!error && orders->command && tree_join(warden->tree, orders->command) == -ENOMEM)
		error = -ENOMEM;
	if (!error)
		error = site_open(&warden->site, orders, ident_self());
	if (error) {
		warden_close(warden);
		return error;
	}
	warden->all = excess_begin(warden->site.user_cores);
	warden->bind.base = warden->site.base;
	warden->bind.row = warden->site.row;
	warden->bind.found = found;
	warden->bind.arg = warden;
	tree_show(warden->tree, visit, warden);
	tree_sample(warden->tree, &warden->seen);
	if (orders->placed)
		begin_placed(warden);
	*out = warden;
	return 0;
}

void warden_close(struct warden *warden)
{
	bind_forget(&warden->bind);
	site_close(&warden->site);
	tree_close(warden->tree);
	free(warden);
}
