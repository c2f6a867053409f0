/* SPDX-License-Identifier: MIT */
/* Its constructor waits for a thread that asks what WAITS names, under the loader's lock. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static void *ask(void *what)
{
	cpu_set_t mask;
	pthread_t inner;

	if (!strcmp(what, "sysconf"))
		sysconf(_SC_NPROCESSORS_ONLN);
	else if (!strcmp(what, "nprocs"))
		get_nprocs();
	else if (!strcmp(what, "affinity"))
		sched_setaffinity(0, sizeof mask,
				  sched_getaffinity(0, sizeof mask, &mask) ? NULL : &mask);
	else if (!strcmp(what, "thread") && !pthread_create(&inner, NULL, ask, (void *)""))
		pthread_join(inner, NULL);
	else if (!strcmp(what, "prctl"))
		prctl(PR_SET_NAME, "asks");
	else
		(void)!getenv("OMP_NUM_THREADS");
	return NULL;
}

static __attribute__((constructor)) void wait_for_it(void)
{
	pthread_t thread;
	char *what = getenv("WAITS");

	if (what && !pthread_create(&thread, NULL, ask, what))
		pthread_join(thread, NULL);
}
