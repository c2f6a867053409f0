/* SPDX-License-Identifier: MIT */
/*
 * Max-min fair division by its definition: one core at a time, to the least served
 * who can use it. Slow and obvious, and not a line of it is the code under test.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include "core/budget.h"

#include <stddef.h>
#include <stdint.h>

/* Hand out what is left of cores to claims that have their low already. */
static inline void oracle_fill(struct claim *claims, size_t count, int cores)
{
	long left = cores;

	for (size_t i = 0; i < count; i++)
		left -= claims[i].share = claims[i].low;
	for (; left > 0; left--) {
		struct claim *least = NULL;

		for (size_t i = 0; i < count; i++)
			if (claims[i].share < claims[i].high
			    && (!least || claims[i].share < least->share))
				least = &claims[i];
		if (!least)
			return;
		least->share++;
	}
}

/* What a job of these guests can use: [low, high]. All of them say the same of their job. */
static inline struct claim oracle_claim(const struct budget_guest *guests, size_t count,
					uint64_t job)
{
	struct claim claim = { 0 };
	int cores = 0;

	for (size_t i = 0; i < count; i++) {
		if (guests[i].job != job)
			continue;
		claim.low++;
		claim.high += guests[i].wish;
		cores = guests[i].job_cores;
	}
	if (claim.high > cores)
		claim.high = cores;
	if (claim.high < claim.low)
		claim.high = claim.low;
	return claim;
}

/* A claim for each job, in the order in which they first appear; answers how many. */
static inline size_t oracle_jobs(const struct budget_guest *guests, size_t count, uint64_t *jobs,
				 struct claim *claims)
{
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		size_t job = 0;

		while (job < known && jobs[job] != guests[i].job)
			job++;
		if (job < known)
			continue;
		jobs[known] = guests[i].job;
		claims[known++] = oracle_claim(guests, count, guests[i].job);
	}
	return known;
}

/* What the guests of one job get of its cores, in order; answers how many they are. */
static inline size_t oracle_guests(const struct budget_guest *guests, size_t count, uint64_t job,
				   int cores, struct claim *claims)
{
	size_t known = 0;

	for (size_t i = 0; i < count; i++)
		if (guests[i].job == job)
			claims[known++] = (struct claim){ .low = 1, .high = guests[i].wish };
	oracle_fill(claims, known, cores);
	return known;
}

/* For qsort: which job got the odd core is nobody's right, what they got together is. */
static inline int oracle_order(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

#endif
