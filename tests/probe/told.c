/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/*
 * Who is told which number of threads: "asks" in main, or "sets N" there, or "reads" the variable,
 * or "nothing"; what else it is given it does not look at. Then a thread of the program, and a
 * forked child, ask and run a team. Before the fork the team keeps something of each thread;
 * after it, that is looked for again.
 */
#define _GNU_SOURCE
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int kept;
#pragma omp threadprivate(kept)

static int team(void)
{
	int size = 0;

#pragma omp parallel
#pragma omp single
	size = omp_get_num_threads();
	return size;
}

static void *work(void *who)
{
	int told = omp_get_max_threads();

	printf("%s told %d team %d\n", (const char *)who, told, team());
	fflush(stdout);
	return NULL;
}

int main(int argc, char **argv)
{
	int begun = 0, left = 0;
	pthread_t thread;

	if (!strcmp(argv[1], "sets") && argc > 2)
		omp_set_num_threads(atoi(argv[2]));
	if (!strcmp(argv[1], "reads"))
		printf("main read %s\n", getenv("OMP_NUM_THREADS"));
	if (!strcmp(argv[1], "asks"))
		printf("main told %d\n", omp_get_max_threads());
	fflush(stdout);
	pthread_create(&thread, NULL, work, (void *)"thread");
	pthread_join(thread, NULL);
#pragma omp parallel reduction(+ : begun)
	{
		kept = omp_get_thread_num() + 1;
		begun = 1;
	}
	if (fork() == 0) {
		usleep(20000);
		work((void *)"child");
		_exit(0);
	}
	wait(NULL);
#pragma omp parallel reduction(+ : left)
	left = kept == omp_get_thread_num() + 1;
	printf("kept %d of %d\n", left, begun);
	return 0;
}
