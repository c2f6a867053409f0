/* SPDX-License-Identifier: MIT */
/*
 * stack CALL: bytes of stack that a call uses at the first time, on a stack of its own that is
 * filled before; stack CALL signal: whether it can be made on the smallest of signal stacks.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <ucontext.h>
#include <unistd.h>

static ucontext_t here, there;
static unsigned char stack[1 << 16];
static cpu_set_t mask;
static pthread_attr_t attributes;
static const char *what;

static void call(void)
{
	if (!strcmp(what, "sysconf"))
		sysconf(_SC_NPROCESSORS_ONLN);
	else if (!strcmp(what, "get_nprocs"))
		get_nprocs();
	else if (!strcmp(what, "sched_getaffinity"))
		sched_getaffinity(0, sizeof mask, &mask);
	else if (!strcmp(what, "pthread_getaffinity_np"))
		pthread_getaffinity_np(pthread_self(), sizeof mask, &mask);
	else if (!strcmp(what, "sched_setaffinity"))
		sched_setaffinity(0, sizeof mask, &mask);
	else if (!strcmp(what, "pthread_setaffinity_np"))
		pthread_setaffinity_np(pthread_self(), sizeof mask, &mask);
	else if (!strcmp(what, "pthread_attr_setaffinity_np"))
		pthread_attr_setaffinity_np(&attributes, sizeof mask, &mask);
	else if (!strcmp(what, "prctl"))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	else if (!strcmp(what, "getenv"))
		(void)!getenv("OMP_NUM_THREADS");
	else if (!strcmp(what, "secure_getenv"))
		(void)!secure_getenv("OMP_NUM_THREADS");
	else if (!strcmp(what, "getenv-other"))
		(void)!getenv("HOME");
}

static void handle(int signal)
{
	(void)signal;
	call();
}

static void by_signal(void)
{
	stack_t small = { .ss_sp = stack, .ss_size = (size_t)sysconf(_SC_MINSIGSTKSZ) + 4096 };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };

	sigaltstack(&small, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	puts("done");
}

int main(int argc, char **argv)
{
	static size_t unused;

	what = argv[1];
	CPU_SET(0, &mask);
	pthread_attr_init(&attributes);
	if (argc > 2) {
		by_signal();
		return 0;
	}
	memset(stack, 0xa5, sizeof stack);
	getcontext(&there);
	there.uc_stack = (stack_t){ .ss_sp = stack, .ss_size = sizeof stack };
	there.uc_link = &here;
	makecontext(&there, call, 0);
	swapcontext(&here, &there);
	while (stack[unused] == 0xa5)
		unused++;
	printf("%zu\n", sizeof stack - unused);
	return 0;
}
