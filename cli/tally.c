/* SPDX-License-Identifier: MIT */
/* A histogram: seconds spent with so many running threads. Its law is in the header. */
#include "cli/tally.h"

static int most(const struct tally *tally)
{
	return tally->max.running < TALLY_RUNNING ? tally->max.running : TALLY_RUNNING;
}

static void raise_to(int *peak, int value)
{
	if (*peak < value)
		*peak = value;
}

void tally_add(struct tally *tally, const struct tree_sample *sample, double now)
{
	int held = tally->now.running < TALLY_RUNNING ? tally->now.running : TALLY_RUNNING;
	double gap_s = now - tally->last;

	if (tally->samples > 0) {
		tally->held_s[held] += gap_s;
		tally->total_s += gap_s;
		if (tally->gap_max_s < gap_s)
			tally->gap_max_s = gap_s;
	}
	raise_to(&tally->max.processes, sample->processes);
	raise_to(&tally->max.tasks, sample->tasks);
	raise_to(&tally->max.running, sample->running);
	tally->max.run_s = sample->run_s;
	tally->max.wait_s = sample->wait_s;
	tally->now = *sample;
	tally->last = now;
	tally->samples++;
}

double tally_mean(const struct tally *tally)
{
	double sum = 0;
	int i;

	for (i = 1; i <= most(tally); i++)
		sum += i * tally->held_s[i];
	return tally->total_s > 0 ? sum / tally->total_s : 0;
}

int tally_quantile(const struct tally *tally, double part)
{
	double sum = 0;
	int i;

	for (i = 0; i < most(tally); i++) {
		sum += tally->held_s[i];
		if (sum >= part * tally->total_s)
			break;
	}
	return i;
}

double tally_over(const struct tally *tally, double threads)
{
	double sum = 0;
	int i;

	for (i = 0; i <= most(tally); i++)
		sum += i > threads ? tally->held_s[i] : 0;
	return tally->total_s > 0 ? sum / tally->total_s : 0;
}
