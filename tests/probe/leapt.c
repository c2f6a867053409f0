/* SPDX-License-Identifier: MIT */
/* link: -lopenblas */
/*
 * A forked worker whose first call waits for others that may come: a handler leaps out of it. Then
 * it calls until it has so many threads, or for ten seconds; it says how many.
 */
#include <cblas.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { N = 200 };
static double a[N * N], b[N * N], c[N * N];
static sigjmp_buf out;

static void leap(int signal)
{
	siglongjmp(out, signal);
}

static void multiply(void)
{
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N, b, N, 0, c, N);
}

int main(int argc, char **argv)
{
	struct itimerval soon = { .it_value.tv_usec = 5000 };
	/* longjmp(3): what is not volatile may be lost. */
	int volatile wanted = argc > 1 ? atoi(argv[1]) : 1;
	int *volatile threads = dlsym(RTLD_DEFAULT, "blas_cpu_number");
	time_t volatile end = time(NULL) + 10;

	multiply();
	if (fork() != 0)
		return wait(NULL) < 0;
	signal(SIGALRM, leap);
	if (sigsetjmp(out, 1) == 0) {
		setitimer(ITIMER_REAL, &soon, NULL);
		multiply();
		puts("it was not waiting");
	}
	do
		multiply();
	while (*threads != wanted && time(NULL) < end);
	printf("threads %d\n", *threads);
	return 0;
}
