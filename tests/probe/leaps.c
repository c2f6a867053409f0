/* SPDX-License-Identifier: MIT */
/* A handler leaps out of what it interrupts, as that of interpreters; then it asks for CPUs. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf out;

static void leap(int signal)
{
	siglongjmp(out, signal);
}

int main(void)
{
	struct itimerval soon = { .it_value.tv_usec = 300 };
	volatile int leaps = 0;

	signal(SIGALRM, leap);
	if (sigsetjmp(out, 1))
		leaps++;
	if (leaps < 300) {
		soon.it_value.tv_usec = 20 + leaps;
		setitimer(ITIMER_REAL, &soon, NULL);
		for (;;)
			get_nprocs();
	}
	printf("leaps %d, nprocs %d\n", leaps, get_nprocs());
	return 0;
}
