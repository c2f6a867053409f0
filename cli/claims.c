/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/claims.h"

#include "core/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

enum { TABLES_MOST = 4096 }; /* users that are asked */

static void add(struct choose_cpu *cpus, int count, const struct mask *mask)
{
	for (int i = 0; i < count; i++)
		cpus[i].claims += mask_has(mask, cpus[i].number);
}

/* Whether one stood where it stands before the other: of the same millisecond, by owner. */
static bool is_before(const struct fence_row *one, const struct fence_row *other)
{
	int32_t apart_ms = (int32_t)(atomic_load(&one->raised_ms) - atomic_load(&other->raised_ms));

	if (apart_ms)
		return apart_ms < 0;
	return atomic_load(&one->owner) < atomic_load(&other->owner);
}

static bool is_own(const struct fence_row *row, const struct claims_asker *asker)
{
	return atomic_load(&row->owner) == asker->owner
	       || (asker->job && atomic_load(&row->job) == asker->job);
}

static void add_table(struct choose_cpu *cpus, int count, struct fences *fences,
		      const struct claims_asker *asker, bool same_user)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];

		if (!fence_holds(row) || (same_user && is_own(row, asker))
		    || (asker->later && !is_before(row, asker->later)))
			continue;
		add(cpus, count, &row->mask);
	}
}

/* key shmid perms size cpid lpid nattch uid ...: 1174405127 32769 644 74304 4242 4242 1 1000 */
void claims_read(struct choose_cpu *cpus, int count, const struct claims_asker *asker)
{
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
		add_table(cpus, count, at, asker, uid == geteuid());
		shmdt(at);
		tables++;
	}
	if (in)
		fclose(in);
}
