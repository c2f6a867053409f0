/* SPDX-License-Identifier: MIT */
/*
 * saved: a program that saves its mask, binds itself and puts it back: how many CPUs it may use
 * then, by the kernel, and by those of its calls that are as old as 2004 (x86-64).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
int old_get(int pid, cpu_set_t *mask);
int old_set(int pid, const cpu_set_t *mask);
__asm__(".symver old_get, sched_getaffinity@GLIBC_2.3.3");
__asm__(".symver old_set, sched_setaffinity@GLIBC_2.3.3");
#else
static int old_get(int pid, cpu_set_t *mask)
{
	return sched_getaffinity(pid, sizeof *mask, mask);
}

static int old_set(int pid, const cpu_set_t *mask)
{
	return sched_setaffinity(pid, sizeof *mask, mask);
}
#endif

static int real_count(void)
{
	cpu_set_t mask;

	memset(&mask, 0, sizeof mask);
	syscall(SYS_sched_getaffinity, 0, sizeof mask, &mask);
	return CPU_COUNT(&mask);
}

/* One of those that it may really use, and is not told of, if there are such. */
static void choose(const cpu_set_t *told, cpu_set_t *one)
{
	cpu_set_t mask;
	int chosen = 0;

	memset(&mask, 0, sizeof mask);
	syscall(SYS_sched_getaffinity, 0, sizeof mask, &mask);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &mask) && (!CPU_ISSET(cpu, told) || CPU_COUNT(told) > 1))
			chosen = cpu;
	CPU_ZERO(one);
	CPU_SET(chosen, one);
}

int main(void)
{
	cpu_set_t saved, one;

	sched_getaffinity(0, sizeof saved, &saved);
	choose(&saved, &one);
	sched_setaffinity(0, sizeof one, &one);
	printf("bound %d", real_count());
	sched_setaffinity(0, sizeof saved, &saved);
	printf(", back %d", real_count());
	pthread_getaffinity_np(pthread_self(), sizeof saved, &saved);
	sched_setaffinity(0, sizeof one, &one);
	pthread_setaffinity_np(pthread_self(), sizeof saved, &saved);
	printf(" %d", real_count());
	memset(&saved, 0, sizeof saved);
	printf(", old %d", old_get(0, &saved));
	printf(" %d", old_set(0, &saved));
	printf(" %d\n", real_count() == CPU_COUNT(&saved));
	return 0;
}
