/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/claims.h"

#include "core/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

enum { TABLES_MOST = 4096 }; /* users that are asked */

struct asker {
	uint64_t owner, job;
	uid_t uid;
};

static void add(struct choose_cpu *cpus, int count, const struct mask *mask)
{
	for (int i = 0; i < count; i++)
		cpus[i].claims += mask_has(mask, cpus[i].number);
}

static void add_table(struct choose_cpu *cpus, int count, struct fences *fences,
		      const struct asker *asker, uid_t uid)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];

		if (!fence_holds(row)
		    || (uid == asker->uid
			&& (atomic_load(&row->owner) == asker->owner
			    || (asker->job && atomic_load(&row->job) == asker->job))))
			continue;
		add(cpus, count, &row->mask);
	}
}

/* key shmid perms size cpid lpid nattch uid ...: 1174405127 32769 644 74304 4242 4242 1 1000 */
void claims_read(struct choose_cpu *cpus, int count, uint64_t owner, uint64_t job)
{
	struct asker asker = { owner, job, geteuid() };
	FILE *in = fopen("/proc/sysvipc/shm", "re");
	char line[512];
	int tables = 0;

	for (int i = 0; i < count; i++)
		cpus[i].claims = 0;
	while (in && tables < TABLES_MOST && fgets(line, sizeof line, in)) {
		unsigned long long size;
		int key, id;
		unsigned perms, uid;
		void *at;

		if (sscanf(line, "%d %d %o %llu %*d %*d %*d %u", &key, &id, &perms, &size, &uid)
			    != 5
		    || !fence_is_key(key, size) || (perms & 0777) != 0644)
			continue;
		at = shmat(id, NULL, SHM_RDONLY);
		if (at == (void *)-1)
			continue;
		add_table(cpus, count, at, &asker, uid);
		shmdt(at);
		tables++;
	}
	if (in)
		fclose(in);
}
