/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/*
 * An OpenMP program: "say" its counts; "set N" first; "clause N"; "fork N" children, each
 * with a team, after a team of its own (with a second number: of so many threads, by clause);
 * "born N": the same, and the parent asks for processors only; "beside N": the same, and its team
 * is begun by another thread; "many N" regions.
 */
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *who, int clause)
{
	int team = 0, sum = 0, most = omp_get_max_threads();

#pragma omp parallel num_threads(clause ? clause : most) reduction(+ : sum)
	{
#pragma omp for
		for (int i = 1; i <= 1000; i++)
			sum += i;
#pragma omp single
		team = omp_get_num_threads();
	}
	printf("%s max %d team %d sum %d\n", who, most, team, sum);
	fflush(stdout);
}

static void *say_beside(void *none)
{
	say("thread", 0);
	return none;
}

static void children(int number, int clause)
{
	for (int i = 0; i < number; i++)
		if (fork() == 0) {
			usleep(20000);
			say("child", clause);
			usleep(200000);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int number = argc > 2 ? atoi(argv[2]) : 0, clause = argc > 3 ? atoi(argv[3]) : 0;

	if (!strcmp(argv[1], "set"))
		omp_set_num_threads(number);
	if (!strcmp(argv[1], "many")) {
		for (int i = 0; i < number; i++)
#pragma omp parallel
			__asm__ volatile("");
		return 0;
	}
	if (!strcmp(argv[1], "born"))
		omp_get_num_procs();
	else if (!strcmp(argv[1], "beside") && !pthread_create(&thread, NULL, say_beside, NULL))
		pthread_join(thread, NULL);
	else
		say("parent", strcmp(argv[1], "clause") ? clause : number);
	if (strcmp(argv[1], "fork") && strcmp(argv[1], "born") && strcmp(argv[1], "beside"))
		return 0;
	children(number, clause);
	if (!strcmp(argv[1], "fork"))
		say("parent", clause);
	return 0;
}
