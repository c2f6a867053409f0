/* SPDX-License-Identifier: MIT */
/*
 * What each thread of a team keeps from one region to the next, as OpenMP and the languages promise
 * it for teams of the same size that the same thread begins: threadprivate data, a generator, a
 * record on the heap that a registry knows, a COMMON block, thread_local objects.
 */
#include "tests/fuzz/teams/steps.h"
#include "tests/fuzz/teams/teams.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

static int mine;                  /* of each thread of a team */
static unsigned long seed_of;     /* a generator of each thread */
static _Thread_local int *record; /* on its heap, of its thread */
static int *registry[MOST];       /* read by whoever begins the team */
#pragma omp threadprivate(mine, seed_of)

static void keep_begin(struct walker *walker)
{
	int count = 0;

	memset(registry, 0, sizeof registry);
#pragma omp parallel reduction(+ : count)
	{
		int me = omp_get_thread_num();

		mine = 0;
		seed_of = (unsigned long)me + 1;
		if (!record)
			record = calloc(1, sizeof *record);
		*record = 0;
		if (me < MOST)
			registry[me] = record;
		count = 1;
	}
	common_begin();
	local_begin();
	walker->team = count;
	walker->kept = 0;
}

/* What a team keeps is as of the last region of the same size, whatever came between. */
void step_keep(struct walker *walker)
{
	int count = 0, least = 1 << 30, sum = 0, strange = 0;
	unsigned long seeds = 0, right = 0;

	if (!walker->first)
		return;
	if (walker->kept < 0)
		keep_begin(walker);
#pragma omp parallel reduction(+ : count, seeds, strange) reduction(min : least)
	{
		mine++;
		seed_of *= 3;
		strange += !record || record != registry[omp_get_thread_num() % MOST];
		if (record)
			++*record;
		seeds += seed_of;
		least = mine;
		count = 1;
	}
	walker->kept++;
	for (int i = 0; i < walker->team && i < MOST; i++)
		sum += registry[i] ? *registry[i] : 0;
	for (int i = 0; i < walker->team; i++) {
		unsigned long one = (unsigned long)i + 1;

		for (int k = 0; k < walker->kept; k++)
			one *= 3;
		right += one;
	}
	steps_look(count == walker->team, "the team that keeps", count, walker->team);
	steps_look(least == walker->kept, "threadprivate", least, walker->kept);
	steps_look(seeds == right, "seeds of threads", (long)seeds, (long)right);
	steps_look(strange == 0, "threads with another record", strange, 0);
	steps_look(sum == walker->kept * walker->team, "records of threads", sum,
		   walker->kept * walker->team);
	steps_look(common_next() == walker->kept, "threadprivate COMMON", common_last(),
		   walker->kept);
	steps_look(local_next() == walker->kept * walker->team, "thread_local objects",
		   local_last(), walker->kept * walker->team);
}
