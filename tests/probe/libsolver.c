/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/* A library as solvers are: it counts its threads once, and between two regions calls back. */
#include <omp.h>

int solve(int rounds, void (*back)(void));
int count_again(void);
void set_count(int threads);

/* How often a team was not as large as was counted, of so many. */
int solve(int rounds, void (*back)(void))
{
	int count = omp_get_max_threads(), wrong = 0;

	for (int i = 0; i < rounds; i++) {
		int size = 0;

#pragma omp parallel
#pragma omp single
		size = omp_get_num_threads();
		wrong += size != count;
		back();
	}
	return wrong;
}

int count_again(void)
{
	return omp_get_max_threads();
}

void set_count(int threads)
{
	omp_set_num_threads(threads);
}
