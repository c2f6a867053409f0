/* SPDX-License-Identifier: MIT */
/*
 * What the clocks of the machine say, wherever we are: a time namespace (Linux 5.6) sets those of
 * its processes apart, and the ledger is read in all of them.
 */
#ifndef RATION_CLOCK_H
#define RATION_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

/* How far ahead ours are: CLOCK_MONOTONIC, and CLOCK_BOOTTIME, of this process. */
extern _Atomic int64_t clock_apart_ms __attribute__((visibility("hidden")));
extern _Atomic int64_t clock_boot_apart_ms __attribute__((visibility("hidden")));

/* Learn that, at the begin and in a child of fork(2), which alone can be in another one. */
void clock_settle(void);

static inline uint64_t clock_ms(clockid_t clock, _Atomic int64_t *apart_ms)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (uint64_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000
			  - atomic_load_explicit(apart_ms, memory_order_relaxed));
}

#endif
