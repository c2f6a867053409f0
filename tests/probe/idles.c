/* SPDX-License-Identifier: MIT */
/* link: -fopenmp */
/* A team has worked, and its program waits: whether it uses a CPU after a moment. */
#include <omp.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static long used_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

int main(void)
{
	int team = 0, sum = 0;
	long before;

#pragma omp parallel reduction(+ : sum)
	{
#pragma omp for
		for (int i = 0; i < 10000000; i++)
			sum += i & 1;
#pragma omp single
		team = omp_get_num_threads();
	}
	usleep(400000);
	before = used_ms();
	usleep(500000);
	printf("team of %d, %s\n", team, used_ms() - before > 50 ? "spins" : "at rest");
	return sum == 0;
}
