/* SPDX-License-Identifier: MIT */
/* Whether what dlerror(3) has to say is still there after each of the calls that may be hooked. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *nothing(void *arg)
{
	return arg;
}

#define KEPT(call)                                   \
	do {                                         \
		dlopen("/nonexistent.so", RTLD_NOW); \
		call;                                \
		if (!dlerror())                      \
			puts("lost: " #call);        \
	} while (0)

int main(void)
{
	cpu_set_t mask;
	pthread_t thread;

	KEPT((void)!getenv("HOME"));
	KEPT((void)!getenv("OMP_NUM_THREADS"));
	KEPT(secure_getenv("MKL_NUM_THREADS"));
	KEPT(sysconf(_SC_PAGESIZE));
	KEPT(sysconf(_SC_NPROCESSORS_ONLN));
	KEPT(sched_getaffinity(0, sizeof mask, &mask));
	KEPT(sched_setaffinity(0, sizeof mask, &mask));
	KEPT(prctl(PR_SET_NAME, "error"));
	KEPT(pthread_create(&thread, NULL, nothing, NULL));
	pthread_join(thread, NULL);
	return 0;
}
