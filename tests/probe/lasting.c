/* SPDX-License-Identifier: MIT */
/*
 * lasting LIBRARY THREADS CALLS: so many threads, each with so many products by the OpenBLAS of
 * a numpy 2 wheel, of which each takes SECONDS of CPU. Says how long the shortest lasted, in ms.
 */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
/* link: -lm */
#define SECONDS 0.6
static void (*dgemm)(int order, int transa, int transb, int64_t m, int64_t n, int64_t k,
		     double alpha, const double *a, int64_t lda, const double *b, int64_t ldb,
		     double beta, double *c, int64_t ldc);
static int64_t size = 1000;
static int calls, shortest_ms = 1 << 30;

static double product(const double *a, double *c, clockid_t clock)
{
	struct timespec begin, end;

	clock_gettime(clock, &begin);
	dgemm(102, 111, 111, size, size, size, 1, a, size, a, size, 0, c, size);
	clock_gettime(clock, &end);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

static void *work(void *unused)
{
	double *a = calloc((size_t)(size * size), 8), *c = calloc((size_t)(size * size), 8);
	int ms;

	for (int i = 0; i < calls; i++)
		if ((ms = (int)(1000 * product(a, c, CLOCK_MONOTONIC))) < shortest_ms)
			shortest_ms = ms;
	return unused;
}

int main(int argc, char **argv)
{
	void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
	pthread_t crew[16];
	int threads = argc == 4 ? atoi(argv[2]) : 0;
	double *a = calloc((size_t)(size * size), 16), took = 1;

	*(void **)&dgemm = library ? dlsym(library, "scipy_cblas_dgemm64_") : NULL;
	if (!dgemm || !a || threads > 16)
		exit(1);
	for (int i = 0; i < 3; i++)
		took = product(a, a + size * size, CLOCK_PROCESS_CPUTIME_ID);
	size = (int64_t)((double)size * cbrt(SECONDS / took));
	calls = atoi(argv[3]);
	for (int i = 0; i < threads; i++)
		pthread_create(&crew[i], NULL, work, NULL);
	for (int i = 0; i < threads; i++)
		pthread_join(crew[i], NULL);
	printf("%d\n", shortest_ms);
	return 0;
}
