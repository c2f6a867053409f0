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
 * Spare CPU of a scope beside its cores, in hundredths of one. A parent that hands out small tasks
 * to a worker of one thread was throttled in every period at 110 % and lost a tenth of its speed;
 * at 125 % in one of 35, and nothing (numpy 2, OpenBLAS 0.3, periods of 100 ms, Linux 6.18, a
 * quota of 1). Two threads that spin for each other waited up to 50 ms at 110 %, and 26 at 150 %,
 * the most that was tried, for what takes 2.
 */
enum { SCOPE_SPARE_PCT = 25 };

/*
 * Move this process into a scope of so many CPUs; of the user's commands in such scopes, all
 * together get at most so many (0: not limited). False: nothing of that holds, and why says why.
 */
bool scope_enter(int cpus, int together, char *why, size_t size);

#endif
