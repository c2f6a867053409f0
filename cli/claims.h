/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that other fences have taken, of all users: each keeps his own where all can read
 * (core/fence.h). What stands there is somebody else's word: it can make us prefer another CPU, and
 * nothing more. However much a user writes, he counts once on each CPU, only for processes of his
 * that live, where these may be; a few tables of his are read, and as copies.
 */
#ifndef RATION_CLAIMS_H
#define RATION_CLAIMS_H

#include "cli/choose.h"
#include "core/fence.h"

#include <sys/types.h>

struct claims_asker {
	uint64_t owner, job;
	/* NULL: all; else those alone that stood there before this one, which is the owner's. */
	const struct fence_row *later;
};

/* Into claims of each of these: but that of the owner, and those of his own job. */
void claims_read(struct choose_cpu *cpus, int count, const struct claims_asker *asker);

/* What one table of another user adds to the CPUs that are his already. It may hold anything. */
void claims_of_other(struct fences *fences, uid_t uid, const struct claims_asker *asker,
		     struct mask *his);

#endif
