/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/* A thread is inside a region, and another forks: what the ledger says of us. region ROWS NAME */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int began, ends;

static void *compute(void *unused)
{
#pragma omp parallel
	{
		began++;
		while (!ends)
			;
	}
	return unused;
}

static void say(const char *when, char **argv)
{
	char command[4096], line[256], own[32];
	FILE *rows;

	snprintf(command, sizeof command, "%s %s", argv[1], argv[2]);
	snprintf(own, sizeof own, "%d ", getpid());
	rows = popen(command, "r");
	while (rows && fgets(line, sizeof line, rows))
		if (!strncmp(line, own, strlen(own)))
			printf("%s: %s", when, line + strlen(own));
	if (rows)
		pclose(rows);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3 || pthread_create(&thread, NULL, compute, NULL) != 0)
		return 1;
	while (!began)
		usleep(1000);
	usleep(300000);
	say("in a region", argv);
	fflush(stdout);
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	say("after a fork", argv);
	ends = 1;
	pthread_join(thread, NULL);
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	say("after its end", argv);
	return 0;
}
