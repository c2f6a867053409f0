/* SPDX-License-Identifier: MIT */
/* A library that asks for the number of CPUs in its constructor, before anyone else is awake. */
#include <stdio.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static __attribute__((constructor)) void begin(void)
{
	printf("constructor: online %ld, nprocs %d\n", sysconf(_SC_NPROCESSORS_ONLN), get_nprocs());
	fflush(stdout);
}
