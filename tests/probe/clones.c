/* SPDX-License-Identifier: MIT */
/*
 * clones [compute]: a program that computes, and then makes a child by clone(2), of which no
 * handler hears. The child computes or not; with one thread, as nobody has told OpenBLAS that its
 * pool is gone. Says how many threads the calls had.
 */
/* link: -lopenblas */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void openblas_set_num_threads(int threads);
void cblas_dgemm(int order, int transa, int transb, int m, int n, int k, double alpha,
		 const double *a, int lda, const double *b, int ldb, double beta, double *c,
		 int ldc);

enum { SIZE = 200 };
static double a[SIZE * SIZE], c[SIZE * SIZE];

static void call(const char *who)
{
	for (int i = 0; i < 50; i++)
		cblas_dgemm(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, a, SIZE, 0, c, SIZE);
	printf("%s %d\n", who, *(int *)dlsym(RTLD_DEFAULT, "blas_cpu_number"));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	pid_t child;

	(void)argv;
	call("parent");
	openblas_set_num_threads(1);
	child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		if (argc > 1)
			call("child");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	openblas_set_num_threads(4);
	call("parent");
	return 0;
}
