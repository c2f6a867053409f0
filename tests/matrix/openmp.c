/* SPDX-License-Identifier: MIT */
/* A C program with OpenMP, for gcc and clang: loops, a reduction, tasks, and a team by a clause. */
#include "guest.h"

#include <math.h>
#include <omp.h>

enum { ROWS = 1500, COLUMNS = 300 };

static _Thread_local int clause; /* what this thread asked for */

static void ask_for(int threads)
{
	omp_set_num_threads(threads);
	clause = threads;
}

static double row(int i)
{
	double sum = 0;

	for (int j = 1; j <= COLUMNS; j++)
		sum += sin(i * 0.001 * j) / j;
	return sum;
}

/* What a program may count on: every thread of the team that it was told of does its part. */
static double by_thread(void)
{
	int most = clause ? clause : omp_get_max_threads(), team = most;
	double total = 0, *part = (double *)calloc((size_t)most, sizeof *part);

#pragma omp parallel num_threads(team)
	for (int i = omp_get_thread_num(); i < ROWS; i += team)
		part[omp_get_thread_num()] += i;
	for (int i = 0; i < most; i++)
		total += part[i];
	free(part);
	return total;
}

static size_t compute(double *values)
{
	double sum = 0;
	long whole = 0;

#pragma omp parallel for schedule(dynamic, 16)
	for (int i = 0; i < ROWS; i++)
		values[i] = row(i);
#pragma omp parallel for reduction(+ : sum, whole)
	for (int i = 0; i < ROWS; i++) {
		sum += values[i];
		whole += i;
	}
#pragma omp parallel
#pragma omp single
	for (int i = 0; i < 64; i++)
#pragma omp task firstprivate(i)
		values[ROWS + i] = row(i) * row(i + 1);
	values[ROWS + 64] = (double)whole;
	values[ROWS + 65] = by_thread();
	values[ROWS + 66] = sum;
	sums = 1;
	return ROWS + 67;
}
