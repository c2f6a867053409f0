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

struct claims_asker {
	uint64_t owner, job;
	/* NULL: all; else those alone that stood there before this one, which is the owner's. */
	const struct fence_row *later;
};

/* Into claims of each of these: but that of the owner, and those of his own job. */
void claims_read(struct choose_cpu *cpus, int count, const struct claims_asker *asker);

#endif
