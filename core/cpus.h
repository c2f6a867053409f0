/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that are truly ours. Asked through libc: in the shim, our own hooks step
 * aside for us, and a test can put a smaller or larger machine underneath.
 */
#ifndef RATION_CPUS_H
#define RATION_CPUS_H

#include <stddef.h>

int cpus_online(void);  /* of the machine; at least 1 */
int cpus_allowed(void); /* by the affinity of the calling thread; at least 1 */

/*
 * Whole CPUs that the cgroup quotas of this process and of all its ancestors leave
 * (v1 cpu.cfs_quota_us, v2 cpu.max; the smallest counts, rounded down, at least 1):
 * threads beyond a quota are throttled while they spin. 0: no quota.
 */
int cpus_quota(void);

int cpus_granted(void); /* the least of the three */

/* For cpus_quota, and its tests: quota and period in microseconds as whole CPUs; 0: none. */
int cpus_of_quota(long quota_us, long period_us);

#endif
