/* SPDX-License-Identifier: MIT */
/* Clocks that stand still, as faketime has them with a date, and a name of a function it needs. */
#define _GNU_SOURCE
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1600000000 };
	return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	(void)zone;
	*now = (struct timeval){ .tv_sec = 1600000000 };
	return 0;
}

time_t time(time_t *now)
{
	if (now)
		*now = 1600000000;
	return 1600000000;
}
