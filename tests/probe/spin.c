/* SPDX-License-Identifier: MIT */
/*
 * spin PROCESSES SECONDS [BUSY_PCT]: so many processes compute, each for so much of its time, and
 * say whether the kernel ever had them on other CPUs than those they began with. Static, and forked
 * by clone(2) itself: nothing of it can be hooked.
 */
/* link: -static */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int spin(double end_s, int busy_pct)
{
	unsigned long first[64] = { 0 }, mask[64] = { 0 };
	int touched = 0;

	syscall(SYS_sched_getaffinity, 0, sizeof first, first);
	while (now_s() < end_s) {
		double until_s = now_s() + busy_pct * 1e-4;

		while (now_s() < until_s)
			;
		usleep(busy_pct < 100 ? (unsigned)(100 - busy_pct) * 100 : 0);
		syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
		touched |= memcmp(first, mask, sizeof mask) != 0;
	}
	return touched;
}

int main(int argc, char **argv)
{
	double end_s = now_s() + (argc > 2 ? atof(argv[2]) : 1);
	int busy_pct = argc > 3 ? atoi(argv[3]) : 100, touched = 0, status;

	for (int i = argc > 1 ? atoi(argv[1]) : 1; i > 0; i--)
		if (syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0) == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever ends us ends all */
			_exit(spin(end_s, busy_pct));
		}
	while (wait(&status) > 0)
		touched += WIFEXITED(status) && WEXITSTATUS(status) != 0;
	printf("%d fenced\n", touched);
	return 0;
}
