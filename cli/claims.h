/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that other fences have taken, of all users: each keeps his own where all can read
 * (core/fence.h), and /proc/sysvipc/shm says where they are. What stands there is somebody else's
 * word: it can make us prefer another CPU, and nothing more.
 */
#ifndef RATION_CLAIMS_H
#define RATION_CLAIMS_H

#include "cli/choose.h"
#include "core/fence.h"

/* Into claims of each of these: but that of owner, and those of his own job. */
void claims_read(struct choose_cpu *cpus, int count, uint64_t owner, uint64_t job);

#endif
