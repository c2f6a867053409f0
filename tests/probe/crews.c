/* SPDX-License-Identifier: MIT */
/* link: -fopenmp -lm */
/*
 * crews THREADS SECONDS [asks]: so many threads of the program's own, each with an OpenMP team,
 * region after region for so long; with a third argument, each has asked for its number first.
 * The most threads that a team had goes to stdout.
 */
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PARTS = 400000, MOST = 64 };

static double until;
static bool asks;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *crew(void *most)
{
	double sum = 0;
	int team = 1, number = asks ? omp_get_max_threads() : 0;

	while (now() < until) {
#pragma omp parallel for reduction(+ : sum) reduction(max : team)
		for (int i = 0; i < PARTS; i++) {
			sum += sin(i * 1e-3);
			team = omp_get_num_threads();
		}
	}
	*(int *)most = sum == sum && (!number || team <= number) ? team : -1;
	return NULL;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0, teams[MOST] = { 0 }, most = 0;
	pthread_t threads[MOST];

	if (count < 1 || count > MOST)
		return 2;
	until = now() + atof(argv[2]);
	asks = argc > 3;
	for (int i = 1; i < count; i++)
		if (pthread_create(&threads[i], NULL, crew, &teams[i]) != 0)
			return 1;
	crew(&teams[0]);
	for (int i = 1; i < count; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < count; i++)
		most = teams[i] < 0 || most < 0 ? -1 : teams[i] > most ? teams[i] : most;
	printf("%d\n", most);
	return 0;
}
