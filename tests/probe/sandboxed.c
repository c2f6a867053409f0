/* SPDX-License-Identifier: MIT */
/*
 * sandboxed HOW: a program that gives up its rights (strict, filter, exec: the filter is inherited
 * by a program that the arguments name; child: it is forked) and then asks, computes, and says so.
 */
/* link: -lopenblas */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void cblas_dgemm(int order, int transa, int transb, int m, int n, int k, double alpha,
		 const double *a, int lda, const double *b, int ldb, double beta, double *c,
		 int ldc);

enum { SIZE = 100 };
static double a[SIZE * SIZE], c[SIZE * SIZE];

static void compute(void)
{
	for (int i = 0; i < 2000; i++)
		cblas_dgemm(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, a, SIZE, 0, c, SIZE);
}

/* All but what makes a ledger, or reads files; what is not allowed kills. */
#define NOT(name)                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static void filter(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NOT(shmget),
		NOT(shmat),
		NOT(shmctl),
		NOT(gettid),
		NOT(getpid),
		NOT(geteuid),
		NOT(getuid),
		NOT(madvise),
		NOT(clock_gettime),
		NOT(readlinkat),
		NOT(kill),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof rules / sizeof *rules, rules };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	    || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		syscall(SYS_exit_group, 3);
}

static void ask(void)
{
	static const char done[] = "done\n";
	static cpu_set_t mask;

	sched_getaffinity(0, sizeof mask, &mask);
	sysconf(_SC_NPROCESSORS_ONLN);
	(void)!getenv("OMP_NUM_THREADS");
	compute();
	syscall(SYS_write, 1, done, sizeof done - 1);
	syscall(SYS_exit_group, 0);
}

int main(int argc, char **argv)
{
	int status;

	compute();
	if (argc > 2) {
		filter();
		execvp(argv[2], argv + 2);
	}
	if (!strcmp(argv[1], "child") && fork()) {
		wait(&status);
		return WEXITSTATUS(status) | WTERMSIG(status);
	}
	if (strcmp(argv[1], "strict") != 0) {
		filter();
		ask();
	}
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	(void)!getenv("OMP_NUM_THREADS");
	compute();
	syscall(SYS_write, 1, "done\n", 5);
	syscall(SYS_exit, 0);
	return 1;
}
