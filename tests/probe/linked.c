/* SPDX-License-Identifier: MIT */
/*
 * linked N...: a program that is linked with OpenBLAS. Says how many threads it has after its
 * first call; then, for each N, sets N, reads it back, makes calls and says what the last one used.
 */
/* link: -lopenblas */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int openblas_get_num_threads(void);
void openblas_set_num_threads(int threads);
void cblas_dgemm(int order, int transa, int transb, int m, int n, int k, double alpha,
		 const double *a, int lda, const double *b, int ldb, double beta, double *c,
		 int ldc);

enum { SIZE = 200, CALLING_MS = 100 };
static double a[SIZE * SIZE], c[SIZE * SIZE];

/* The threads of the next call, where the library counts them. */
#ifdef NAMED
extern int blas_cpu_number;

static int used(void)
{
	return blas_cpu_number;
}
#else
static int used(void)
{
	return *(int *)dlsym(RTLD_DEFAULT, "blas_cpu_number");
}
#endif

static int tasks(void)
{
	DIR *dir = opendir("/proc/self/task");
	int count = -2; /* . and .. */

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void call(void)
{
	cblas_dgemm(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, a, SIZE, 0, c, SIZE);
}

#ifdef SECOND
static atomic_bool over;

static void *call_on(void *unused)
{
	(void)unused;
	while (!over)
		call();
	return NULL;
}
#endif

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	setlinebuf(stdout); /* it may hang, undisturbed */
	call();
	printf("threads %d, used %d\n", tasks(), used());
#ifdef SECOND
	pthread_t second;

	pthread_create(&second, NULL, call_on, NULL);
#endif
	for (int i = 1; i < argc; i++) {
		long begun_ms = now_ms();

		openblas_set_num_threads(atoi(argv[i]));
		printf("set %s, get %d", argv[i], openblas_get_num_threads());
		while (now_ms() < begun_ms + CALLING_MS)
			call();
		printf(", used %d, get %d\n", used(), openblas_get_num_threads());
	}
#ifdef SECOND
	over = true;
	pthread_join(second, NULL);
#endif
	return 0;
}
