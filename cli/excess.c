/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#include "cli/excess.h"

struct excess excess_begin(int cores)
{
	return (struct excess){ .cores = cores,
				.calm_needed_s = EXCESS_CALM_MS / 1e3,
				.lifted_s = 1e9 };
}

static void add(double *sum, double more)
{
	*sum += more;
	if (*sum < 0)
		*sum = 0;
}

bool excess_glance(struct excess *excess, double elapsed_s, double used_s)
{
	add(&excess->used_s, used_s - excess->cores * elapsed_s * EXCESS_PCT / 100);
	return excess->used_s >= excess->cores * (EXCESS_MS / 1e3);
}

static enum excess_verdict judge_free(struct excess *excess, const struct excess_look *look,
				      enum fence_why *why)
{
	double given_s = excess->cores * look->elapsed_s;

	excess->lifted_s += look->elapsed_s;
	excess_glance(excess, look->elapsed_s - look->glanced_s,
		      look->used_s - look->glanced_used_s);
	add(&excess->wanted_s,
	    look->wanted_s - given_s * EXCESS_WANTED_PCT / 100 - look->elapsed_s);
	if (excess_glance(excess, 0, 0))
		*why = FENCE_USED;
	else if (excess->wanted_s >= excess->cores * (EXCESS_WANTED_MS / 1e3))
		*why = FENCE_WANTED;
	else
		return EXCESS_KEEP;
	excess->raised = true;
	excess->calm_s = 0;
	if (excess->lifted_s > EXCESS_AGAIN_MS / 1e3)
		excess->calm_needed_s = EXCESS_CALM_MS / 1e3;
	else if (excess->calm_needed_s < EXCESS_CALM_MOST_MS / 1e3)
		excess->calm_needed_s *= 2;
	return EXCESS_RAISE;
}

/* Inside a fence nobody can use too much; whether they would is seen by what they want. */
static enum excess_verdict judge_fenced(struct excess *excess, const struct excess_look *look)
{
	if (look->running > excess->cores
	    || look->wanted_s > 1.1 * excess->cores * look->elapsed_s) {
		excess->calm_s = 0;
		return EXCESS_KEEP;
	}
	excess->calm_s += look->elapsed_s;
	if (excess->calm_s < excess->calm_needed_s)
		return EXCESS_KEEP;
	excess->raised = false;
	excess->used_s = excess->wanted_s = 0;
	excess->lifted_s = 0;
	return EXCESS_LIFT;
}

enum excess_verdict excess_judge(struct excess *excess, const struct excess_look *look,
				 enum fence_why *why)
{
	return excess->raised ? judge_fenced(excess, look) : judge_free(excess, look, why);
}

const char *excess_text(enum fence_why why)
{
	static const char *const texts[] = {
		[FENCE_NOT] = "",
		[FENCE_USED] = "it used more CPU",
		[FENCE_WANTED] = "more threads wanted a CPU",
		[FENCE_USER] = "the user's commands together used more CPU",
		[FENCE_ORDERED] = "as asked for",
	};

	return why <= FENCE_ORDERED ? texts[why] : "";
}
