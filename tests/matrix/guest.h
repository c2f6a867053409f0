/* SPDX-License-Identifier: MIT */
/*
 * PROGRAM MODE ASK SECONDS OUT: what the C programs of the matrix have in common. Each process or
 * thread computes at least three times and for SECONDS, after asking for ASK threads (0: does not),
 * and appends each different result to OUT: a line "values value... | sums value...". The last
 * `sums` values may be rounded otherwise with another number of threads.
 * alone; fork: three children, with the parent computing before and after; subprocesses: three of
 * "alone" at once; threads: three of them.
 */
#ifndef MATRIX_GUEST_H
#define MATRIX_GUEST_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 3, VALUES = 40000 };

/* The program's own. */
static void ask_for(int threads);
static size_t compute(double *values);

static const char *out;
static int wish;
static size_t sums;
static double seconds;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Where an array begins may decide on how its sums are rounded. NULL: no memory. */
static inline double *aligned(size_t count)
{
	void *memory = NULL;

	return posix_memalign(&memory, 64, count * sizeof(double)) == 0 ? (double *)memory : NULL;
}

static void write_values(const double *values, size_t count)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	size_t size = 32 + 26 * count, used;
	char *text = (char *)malloc(size);
	FILE *file;

	used = (size_t)snprintf(text, size, "values");
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s %a",
					 sums && i == count - sums ? " | sums" : "", values[i]);
	used += (size_t)snprintf(text + used, size - used, "\n");
	pthread_mutex_lock(&lock);
	file = fopen(out, "a");
	if (file) { /* in one write: others append as well */
		setvbuf(file, NULL, _IONBF, 0);
		fwrite(text, 1, used, file);
		fclose(file);
	}
	pthread_mutex_unlock(&lock);
	free(text);
}

static void *work(void *unused)
{
	double *values = (double *)malloc(VALUES * sizeof *values);
	double *last = (double *)malloc(VALUES * sizeof *last);
	double begun = now_s();
	size_t count = 0, had = 0;

	(void)unused;
	if (wish)
		ask_for(wish);
	for (int i = 0; i < 3 || now_s() - begun < seconds; i++) {
		count = compute(values);
		if (count != had || memcmp(values, last, count * sizeof *values) != 0)
			write_values(values, count);
		memcpy(last, values, count * sizeof *values);
		had = count;
	}
	free(values);
	free(last);
	return NULL;
}

static int await_all(void)
{
	int status, failed = 0;

	while (wait(&status) > 0)
		failed |= status != 0;
	return failed;
}

static int with_threads(void)
{
	pthread_t crew[WORKERS];

	work(NULL);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&crew[i], NULL, work, NULL) != 0)
			return 1;
	for (int i = 0; i < WORKERS; i++)
		pthread_join(crew[i], NULL);
	work(NULL);
	return 0;
}

static int with_processes(char **argv)
{
	char *mode = argv[1], alone[] = "alone";
	int forks = !strcmp(mode, "fork"), failed;

	if (forks)
		work(NULL);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			argv[1] = alone;
			if (!forks)
				execv("/proc/self/exe", argv);
			else
				work(NULL);
			_exit(!forks);
		}
	failed = await_all();
	if (forks)
		work(NULL);
	return failed;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	wish = atoi(argv[2]);
	seconds = atof(argv[3]);
	out = argv[4];
	if (!strcmp(argv[1], "alone"))
		work(NULL);
	else if (!strcmp(argv[1], "threads"))
		return with_threads();
	else
		return with_processes(argv);
	return 0;
}

#endif
