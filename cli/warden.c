/* SPDX-License-Identifier: MIT */
/* The rules are in the header; when is decided in excess.c and pace.c, where in site.c. */
#define _GNU_SOURCE
#include "cli/warden.h"

#include "cli/ward.h"
#include "core/ident.h"

#include <stdlib.h>

/* The user's commands together, where the user has less than the machine. */
static enum excess_verdict judge_user(struct warden *warden, struct excess_look look,
				      enum fence_why *why)
{
	double others = site_others_used(&warden->site);
	enum excess_verdict verdict;

	if (!warden->site.user_cores || (others <= 0 && !warden->all.raised))
		return EXCESS_KEEP;
	look.used_s += others * look.elapsed_s;
	look.glanced_used_s += others * look.glanced_s;
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
		ward_raise(warden, why);
	else if (!wanted && warden->raised)
		ward_lift(warden);
	else if (warden->raised && !ward_move(warden) && warden->bind.changed)
		ward_pass(warden);
}

/* Whether a look at every task cannot wait until it is due. Inside a fence nothing is hurried. */
static bool cannot_wait(struct warden *warden, double now)
{
	struct pace *pace = &warden->pace;
	double elapsed_s = now - pace->last_s - pace->glanced_s, was_s = pace->glanced_used_s,
	       others = warden->site.user_cores ? site_others_used(&warden->site) : 0, used_s;
	bool much;

	if (pace_glance(pace, now) != 0)
		return true;
	used_s = pace->glanced_used_s > was_s ? pace->glanced_used_s - was_s : 0;
	site_tell_used(&warden->site, used_s / elapsed_s);
	if (warden->raised)
		return false;
	much = excess_glance(&warden->own, elapsed_s, used_s);
	if (others > 0)
		much |= excess_glance(&warden->all, elapsed_s, used_s + others * elapsed_s);
	warden->urgent = much && ward_hold(warden);
	return much;
}

void warden_look(struct warden *warden)
{
	struct tree_sample was = warden->seen;
	double now = ward_now_s(), begin_s = pace_cpu_s(), pass_s;
	bool was_raised = warden->raised;
	struct excess_look look = { .elapsed_s = now - warden->pace.last_s };

	if (look.elapsed_s - warden->pace.glanced_s < pace_least_s
	    || (pace_is_early(&warden->pace, now) && !cannot_wait(warden, now)))
		return;
	look.glanced_s = warden->pace.glanced_s;
	look.glanced_used_s = warden->pace.glanced_used_s;
	warden->bind.changed = 0;
	if (tree_sample(warden->tree, &warden->seen) != 0)
		return;
	pass_s = pace_cpu_s() - begin_s;
	look.used_s = warden->seen.used_s - was.used_s;
	look.wanted_s = warden->seen.run_s - was.run_s + warden->seen.wait_s - was.wait_s;
	look.running = warden->seen.running;
	site_tell_used(&warden->site, look.used_s / look.elapsed_s);
	judge(warden, &look);
	if (warden->urgent && !warden->raised)
		ward_let_out(warden);
	warden->urgent = false;
	/* One that raises or lifts goes by several times, and others will not. */
	if (was_raised == warden->raised)
		pass_s = pace_cpu_s() - begin_s;
	pace_looked(&warden->pace, now, pass_s, tree_seen(warden->tree));
}

void warden_hurry(struct warden *warden)
{
	warden->pace.hurried = true;
}

double warden_due_s(const struct warden *warden)
{
	return pace_due_s(&warden->pace, ward_now_s(), warden->held && !warden->raised);
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
		story.total_s += ward_now_s() - warden->raised_s;
	return story;
}

static void found(void *arg, const struct mask *own)
{
	struct warden *warden = arg;

	site_note_pin(&warden->site, own);
}

static void begin_placed(struct warden *warden)
{
	warden->site.mask = warden->orders.place;
	site_publish(&warden->site, FENCE_ORDERED);
	warden->bind.mask = warden->site.mask; /* somebody else may have been there first */
	warden->bind.order = BIND_IN;
	warden->raised = true;
	warden->raised_s = warden->moved_s = ward_now_s();
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
	warden->pace = pace_begin(ward_now_s());
	warden->own = excess_begin(orders->cores);
	warden->held = pace_is_held(orders->cores);
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
	tree_show(warden->tree, ward_visit, warden);
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
	pace_end(&warden->pace);
	tree_close(warden->tree);
	free(warden);
}
