/* SPDX-License-Identifier: MIT */
/*
 * What the samples of a run amount to: the running threads' mean, their percentiles, the peaks.
 * The law of it: a sample counts for the time until the next one, so that a sampler that is late,
 * as it is when the machine is overloaded, does not make the overload look smaller.
 */
#ifndef RATION_TALLY_H
#define RATION_TALLY_H

#include "cli/tree.h"

/* More running threads than this are told from each other by the peak alone. */
#define TALLY_RUNNING 65536

/* All zero is a tally of nothing. 512 KiB, of which only what is used is ever touched: static. */
struct tally {
	struct tree_sample now, max; /* the last sample; the highest value of each field */
	long samples;
	double last;               /* when the last sample was taken */
	double total_s, gap_max_s; /* between the first sample and the last; the longest gap */
	double held_s[TALLY_RUNNING + 1]; /* for how long so many threads were running */
};

/* At the moment `now`, seconds of any one clock; the same sample again ends the series. */
void tally_add(struct tally *tally, const struct tree_sample *sample, double now);

/* Of the running threads, over all the time; 0 before there are two samples. */
double tally_mean(const struct tally *tally);

/* Not exceeded in this part (0 to 1) of the time. */
int tally_quantile(const struct tally *tally, double part);

/* The part of the time (0 to 1) in which more threads than this were running. */
double tally_over(const struct tally *tally, double threads);

#endif
