/* SPDX-License-Identifier: MIT */
/*
 * The fence that is a quota: a scope of systemd's user manager, for this command and all it starts,
 * in a slice that all commands of the user share. What holds it is the kernel; who asks for it is
 * the user, so he can also undo it.
 */
#ifndef RATION_SCOPE_H
#define RATION_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Spare CPU of a scope beside its cores: what is no excess for the other fence either (excess.h),
 * so that CPU time over wall time stays below 1.05. Less than one core in all, or who reads the
 * quota would count one more. And what a period leaves over, up to so much, the next ones may use.
 *
 * A quota of 1 (v1, 2 CPUs, Linux 6.18, numpy 2), throttled in of 30 periods: a process that
 * computes without a pause in none, with no spare at all; a parent and its worker that together use
 * 1.13 CPUs in all of them at 1.03 and at 1.05, in 11 at 1.1, in none at 1.25, and slower by what
 * they do not get, no more: to spare that is to give away a quarter of a core. A quota of 4 (v2, 16
 * emulated CPUs, Linux 6.1), of 40: a Pool(4), and a team of four that spins, in 15 and 12 with no
 * spare, 3 and 3 at 4.16, 2 and 0 at 4.25, for up to 7 ms a second; in none at 4.16 with 100 ms of
 * leftovers; at a quota of 2 as it is here, in none of 17 and 18.
 */
enum { SCOPE_SPARE_PCT = 3, SCOPE_SPARE_MOST_PCT = 25, SCOPE_BURST_US = 40000 };

/* The quota of so many cores, in hundredths of a CPU. */
static inline long scope_pct(int cores)
{
	long spare = cores * (long)SCOPE_SPARE_PCT;

	return cores * 100L + (spare < SCOPE_SPARE_MOST_PCT ? spare : SCOPE_SPARE_MOST_PCT);
}

/*
 * Move this process into a scope of so many CPUs; of the user's commands in such scopes, all
 * together get at most so many (0: not limited). False: nothing of that holds, and why says why.
 */
bool scope_enter(int cpus, int together, char *why, size_t size);

#endif
