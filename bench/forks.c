/* SPDX-License-Identifier: MIT */
/*
 * What a process that has a pool of threads pays for a fork, a vfork, a posix_spawn: medians
 * of many, in microseconds. `forks POOL HOW [TIMES]`: POOL is none, openmp or blas; HOW is
 * fork, again (a region or a product before each fork), vfork or spawn. The child ends at once.
 */
#define _GNU_SOURCE
#include <cblas.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 200, MOST = 20000 };

static double matrix[3][SIZE * SIZE];
static char program[] = "/bin/true"; /* to be spawned */

static void compute(const char *pool)
{
	if (!strcmp(pool, "openmp")) {
#pragma omp parallel
		__asm__ volatile("");
	} else if (!strcmp(pool, "blas")) {
		cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIZE, SIZE, SIZE, 1,
			    matrix[0], SIZE, matrix[1], SIZE, 0, matrix[2], SIZE);
	}
}

/* To which CPU a child is sent would make more of a difference than what is measured. */
static void stay(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET((unsigned)sched_getcpu(), &here);
	sched_setaffinity(0, sizeof here, &here);
}

static pid_t begin(const char *how)
{
	char *const argv[] = { program, NULL }, *const envp[] = { NULL };
	pid_t pid = -1;

	if (!strcmp(how, "spawn"))
		return posix_spawn(&pid, program, NULL, NULL, argv, envp) ? -1 : pid;
	pid = !strcmp(how, "vfork") ? vfork() : fork();
	if (pid == 0)
		_exit(0);
	return pid;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int times = argc > 3 ? atoi(argv[3]) : 1000;
	static double took[MOST];

	if (argc < 3 || times < 1 || times > MOST)
		return 2;
	for (int i = 0; i < times; i++) {
		double start_us;
		pid_t pid;

		if (i == 0 || !strcmp(argv[2], "again"))
			compute(argv[1]);
		if (i == 0 && strcmp(argv[2], "again") != 0)
			stay();
		start_us = now_us();
		pid = begin(argv[2]);
		if (pid < 0)
			return 1;
		/* Of fork and vfork all, of posix_spawn what it takes the parent. */
		if (strcmp(argv[2], "spawn") != 0)
			waitpid(pid, NULL, 0);
		took[i] = now_us() - start_us;
		if (!strcmp(argv[2], "spawn"))
			waitpid(pid, NULL, 0);
	}
	qsort(took, (size_t)times, sizeof *took, ascending);
	printf("%.1f\n", took[times / 2]);
	return 0;
}
