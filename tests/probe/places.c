/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/*
 * places N [first]: N forked children, each with a team, after one of the parent's if that is
 * asked for: on how many CPUs each of their threads may run.
 */
#define _GNU_SOURCE
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *who)
{
	int least = 1 << 20;

#pragma omp parallel reduction(min : least)
	{
		unsigned long mask[64] = { 0 };
		int count = 0;

		syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
		for (int i = 0; i < 64; i++)
			count += __builtin_popcountl(mask[i]);
		least = count;
	}
	printf("%s %d\n", who, least);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		say("parent");
	else
		omp_get_num_procs(); /* the runtime is there */
	for (int i = 0; i < atoi(argv[1]); i++)
		if (fork() == 0) {
			say("child");
			usleep(200000);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
