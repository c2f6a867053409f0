/* SPDX-License-Identifier: MIT */
/*
 * A set of CPUs, of one size whatever the machine, so that it can lie in shared memory; and
 * the two system calls about it. Those go past libc, and so past our own hooks and past what
 * a test puts in libc's place: what the kernel does to a task is decided by what the kernel
 * says of it.
 */
#ifndef RATION_MASK_H
#define RATION_MASK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MASK_CPUS = 4096, MASK_WORDS = MASK_CPUS / 64 };

struct mask {
	uint64_t bits[MASK_WORDS];
};

static inline bool mask_has(const struct mask *mask, int cpu)
{
	return cpu >= 0 && cpu < MASK_CPUS && mask->bits[cpu / 64] >> (cpu % 64) & 1;
}

static inline void mask_add(struct mask *mask, int cpu)
{
	if (cpu >= 0 && cpu < MASK_CPUS)
		mask->bits[cpu / 64] |= 1ull << (cpu % 64);
}

static inline int mask_count(const struct mask *mask)
{
	int count = 0;

	for (int i = 0; i < MASK_WORDS; i++)
		count += __builtin_popcountll(mask->bits[i]);
	return count;
}

static inline bool mask_same(const struct mask *one, const struct mask *other)
{
	for (int i = 0; i < MASK_WORDS; i++)
		if (one->bits[i] != other->bits[i])
			return false;
	return true;
}

static inline struct mask mask_both(const struct mask *one, const struct mask *other)
{
	struct mask both = { { 0 } };

	for (int i = 0; i < MASK_WORDS; i++)
		both.bits[i] = one->bits[i] & other->bits[i];
	return both;
}

/* Whether all of part is in whole. */
static inline bool mask_within(const struct mask *part, const struct mask *whole)
{
	for (int i = 0; i < MASK_WORDS; i++)
		if (part->bits[i] & ~whole->bits[i])
			return false;
	return true;
}

/*
 * What is left of a wish inside a fence, as a cpuset has it: what is in both; and if that is
 * nothing, as many CPUs of the fence as the wish had, beginning with another one for each seed.
 */
struct mask mask_confine(const struct mask *wish, const struct mask *fence, int seed);

/* Of a task of any process, 0: the calling one. 0 or -errno. */
static inline int mask_get(int tid, struct mask *mask)
{
	memset(mask, 0, sizeof *mask);
	return syscall(SYS_sched_getaffinity, tid, sizeof *mask, mask) < 0 ? -errno : 0;
}

static inline int mask_set(int tid, const struct mask *mask)
{
	return syscall(SYS_sched_setaffinity, tid, sizeof *mask, mask) < 0 ? -errno : 0;
}

#endif
