/* SPDX-License-Identifier: MIT */
/*
 * Each step is an idiom of real programs that counts on the number of threads: asked for in one
 * thread and used in another, kept in a static, a buffer sized by it, state that each thread of a
 * team keeps. What has to be true is what OpenMP says, whatever the number is.
 */
#define _GNU_SOURCE
#include "tests/fuzz/teams/steps.h"

#include "tests/fuzz/teams/teams.h"

#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 64, ITEMS = 6000, PAGE = 4096 };

int steps_number, steps_cached = -1, steps_looked, steps_wrong;
void (*steps_call_back)(void);
static pthread_mutex_t number_lock = PTHREAD_MUTEX_INITIALIZER;

void steps_look(bool right, const char *what, long got, long wanted)
{
	__atomic_fetch_add(&steps_looked, 1, __ATOMIC_RELAXED);
	if (right)
		return;
	__atomic_fetch_add(&steps_wrong, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "%s: got %ld, not %ld\n", what, got, wanted);
}

/* What this thread has to get: what it set, or what anybody of the process was told first. */
static int wanted(struct walker *walker, int got)
{
	int answer;

	if (walker->own)
		return walker->own;
	pthread_mutex_lock(&number_lock);
	if (!steps_number)
		steps_number = got;
	answer = steps_number;
	pthread_mutex_unlock(&number_lock);
	return answer;
}

static int ask(struct walker *walker)
{
	int got = omp_get_max_threads();

	steps_look(got == wanted(walker, got), "asked", got, wanted(walker, got));
	return got;
}

void step_ask(struct walker *walker)
{
	ask(walker);
}

void step_team(struct walker *walker)
{
	int got = 0;

#pragma omp parallel
#pragma omp single
	got = omp_get_num_threads();
	steps_look(got == wanted(walker, got), "a team", got, wanted(walker, got));
}

/* The work is shared out by what was asked, maybe long ago, and by another thread. */
void step_share(struct walker *walker)
{
	static _Thread_local int done[ITEMS];
	int count = walker->own ? walker->own : steps_number ? steps_number : ask(walker), sum = 0;
	int *items = done;

	if (steps_cached > 0 && !walker->own && draw(walker, 2))
		count = steps_cached;
	memset(done, 0, sizeof done);
#pragma omp parallel
	{
		long me = omp_get_thread_num();

		for (long i = me * ITEMS / count; me < count && i < (me + 1) * ITEMS / count; i++)
			items[i]++;
	}
	for (int i = 0; i < ITEMS; i++)
		sum += done[i];
	steps_look(sum == ITEMS, "shared out by a number", sum, ITEMS);
}

/* A page each, and one behind that nobody may touch: who does is killed. */
void step_buffer(struct walker *walker)
{
	size_t count = (size_t)(walker->own    ? walker->own
				: steps_number ? steps_number
					       : ask(walker));
	char *pages = mmap(NULL, (count + 1) * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int sum = 0;

	mprotect(pages + count * PAGE, PAGE, PROT_NONE);
	usleep(draw(walker, 3000));
#pragma omp parallel
	pages[(size_t)omp_get_thread_num() * PAGE] = 1;
	for (size_t i = 0; i < count; i++)
		sum += pages[i * PAGE];
	steps_look(sum == (int)count, "rows of a buffer", sum, (long)count);
	munmap(pages, (count + 1) * PAGE);
}

void step_set(struct walker *walker)
{
	walker->own = 1 + (int)draw(walker, 4);
	omp_set_num_threads(walker->own);
	walker->kept = -1; /* a team of another size keeps nothing */
	steps_look(omp_get_max_threads() == walker->own, "read back", omp_get_max_threads(),
		   walker->own);
}

void step_clause(struct walker *walker)
{
	int want = 1 + (int)draw(walker, 4), got = 0;

#pragma omp parallel num_threads(want)
#pragma omp single
	got = omp_get_num_threads();
	steps_look(got == want, "a clause", got, want);
	walker->kept = -1;
}

void step_nested(struct walker *walker)
{
	int outer = 0, inner = 0, want = 0;

	omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2) reduction(+ : outer, inner, want)
	{
		outer = 1;
		want = omp_get_max_threads();
#pragma omp parallel reduction(+ : inner)
		inner = 1;
	}
	omp_set_max_active_levels(1);
	steps_look(outer == 2, "an outer team", outer, 2);
	steps_look(inner == want, "inner teams", inner, want);
	walker->kept = -1;
}

/* Ordered parts, sections, copyprivate, a reduction of the size. */
static void divide(struct walker *walker)
{
	int last = -1, order = 0, copied = 0, count = 0, size = 0, parts = 0;

#pragma omp parallel reduction(+ : copied, count) reduction(max : size)
	{
		int value = 0;

#pragma omp for ordered schedule(dynamic)
		for (int i = 0; i < 40; i++)
#pragma omp ordered
		{
			order += i == last + 1;
			last = i;
		}
#pragma omp single copyprivate(value)
		value = 7;
		copied = value;
#pragma omp sections reduction(+ : parts)
		{
#pragma omp section
			parts++;
#pragma omp section
			parts++;
		}
		count = 1;
		size = omp_get_num_threads();
	}
	steps_look(order == 40, "ordered", order, 40);
	steps_look(parts == 2, "sections", parts, 2);
	steps_look(copied == 7 * count, "copyprivate", copied, 7l * count);
	steps_look(count == size, "a sum over the team", count, size);
	steps_look(count == wanted(walker, count), "its team", count, wanted(walker, count));
}

/* Tasks, and a loop of tasks. */
void step_constructs(struct walker *walker)
{
	int tasks = 0;

	divide(walker);
#pragma omp parallel
#pragma omp single
	{
		for (int i = 0; i < 20; i++)
#pragma omp task
		{
#pragma omp atomic
			tasks++;
		}
#pragma omp taskloop
		for (int i = 0; i < 20; i++) {
#pragma omp atomic
			tasks++;
		}
	}
	steps_look(tasks == 40, "tasks", tasks, 40);
}

void step_procs(struct walker *walker)
{
	int got = omp_get_num_procs();

	if (walker->procs)
		steps_look(got == walker->procs, "processors", got, walker->procs);
	walker->procs = got;
}

void step_pass_time(struct walker *walker)
{
	usleep(draw(walker, 4000));
}

/* As solvers do: counted once, and between two regions whoever called it is called. */
void step_solve(struct walker *walker)
{
	int count = ask(walker), sum = 0, rounds = 2 + (int)draw(walker, 6);

	for (int k = 0; k < rounds; k++) {
		int parts[MOST] = { 0 };

#pragma omp parallel
		parts[omp_get_thread_num() % MOST] = 1;
		for (int i = 0; i < count && i < MOST; i++)
			sum += parts[i];
		if (steps_call_back)
			steps_call_back();
		else
			usleep(100);
	}
	steps_look(sum == rounds * count, "a solver's parts", sum, (long)rounds * count);
}
