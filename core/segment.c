/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "core/segment.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

enum { KEY_PROBES = 8 };

static key_t key_of(const struct segment *segment, uint32_t name, int probe)
{
	uint64_t mixed = (uint64_t)geteuid() << 32 | (name * 0x01000193u ^ segment->salt);

	mixed = (mixed + (uint64_t)probe) * 0x9e3779b97f4a7c15u;
	mixed ^= mixed >> 29;
	return (key_t)(segment->family | ((uint32_t)(mixed >> 8) & segment->room));
}

static bool ours(int id, const struct segment *segment)
{
	struct shmid_ds stat;

	return shmctl(id, IPC_STAT, &stat) == 0 && stat.shm_perm.uid == geteuid()
	       && stat.shm_perm.cuid == geteuid()
	       && (stat.shm_perm.mode & 0777) == (unsigned)segment->mode
	       && stat.shm_segsz == segment->size;
}

static int find(const struct segment *segment, uint32_t name, int flags)
{
	for (int probe = 0; probe < KEY_PROBES; probe++) {
		int id = shmget(key_of(segment, name, probe), segment->size, segment->mode | flags);

		if (id >= 0 && ours(id, segment))
			return id;
	}
	return -1;
}

void *segment_open(const struct segment *segment, uint32_t name, bool create)
{
	/* One that is here comes first, though a key before it may be free by now. */
	int id = find(segment, name, 0);
	void *at;

	if (id < 0 && create)
		id = find(segment, name, IPC_CREAT);
	at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	return at == (void *)-1 ? NULL : at;
}
