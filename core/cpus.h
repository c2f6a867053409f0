/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that are truly ours. Asked through libc: in the shim, our own hooks step
 * aside for us, and a test can put a smaller or larger machine underneath.
 */
#ifndef RATION_CPUS_H
#define RATION_CPUS_H

#include <stddef.h>
#include <stdint.h>

int cpus_online(void);  /* of the machine; at least 1 */
int cpus_allowed(void); /* by the affinity of the calling thread; at least 1 */

/*
 * Whole CPUs that the cgroup quotas of this process and of all its ancestors leave
 * (v1 cpu.cfs_quota_us, v2 cpu.max; the smallest counts, rounded down, at least 1):
 * threads beyond a quota are throttled while they spin. 0: no quota.
 */
int cpus_quota(void);

/* The same; and a name for the group that has it, if there is one. */
int cpus_quota_where(uint64_t *where);

int cpus_granted(void); /* the least of the three */

/* A number for any bytes, begun with CPUS_NAMELESS or with the number of what stands before. */
#define CPUS_NAMELESS 0xcbf29ce484222325u
uint64_t cpus_name(uint64_t begun, const void *bytes, size_t size);

/* For cpus_quota, and its tests: quota and period in microseconds as whole CPUs; 0: none. */
int cpus_of_quota(long quota_us, long period_us);

#endif
