/* SPDX-License-Identifier: MIT */
/* Two threads, one number, no lock: what ThreadSanitizer is for. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int number;

static void *count(void *arg)
{
	number++;
	return arg;
}

int main(void)
{
	pthread_t first, second;

	pthread_create(&first, NULL, count, NULL);
	pthread_create(&second, NULL, count, NULL);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	printf("cpus %d\n", sysconf(_SC_NPROCESSORS_ONLN) > 0);
	return 0;
}
