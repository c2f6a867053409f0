/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "core/segment.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

enum {
	KEY_PROBES = 8,
	INDEX_MOST = 32768, /* of segments that are looked through: all there can be (ipc(5)) */
};

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

/*
 * Without a key, and its creator has not begun to take it away. Some 0.4 us for each segment of the
 * machine; nobody looks who has found one by its key. Of several, which two of ours have made at
 * the same moment, all take the oldest.
 */
static int find_without_key(const struct segment *segment)
{
	struct shmid_ds stat;
	struct shm_info info;
	int last = shmctl(0, SHM_INFO, (struct shmid_ds *)&info), best = -1;
	time_t since = 0;

	for (int i = 0; i <= last && i < INDEX_MOST; i++) {
		int id = shmctl(i, SHM_STAT, &stat);

		if (id < 0 || stat.shm_perm.__key != IPC_PRIVATE || !ours(id, segment)
		    || (stat.shm_perm.mode & SHM_DEST) || (best >= 0 && stat.shm_ctime >= since))
			continue;
		best = id;
		since = stat.shm_ctime;
	}
	return best;
}

/* Where all keys are another's. */
static int create_without_key(const struct segment *segment)
{
	int mine = shmget(IPC_PRIVATE, segment->size, segment->mode),
	    first = find_without_key(segment); /* another's of ours, or by now mine */

	if (mine >= 0 && first >= 0 && first != mine)
		shmctl(mine, IPC_RMID, NULL);
	return first >= 0 ? first : mine;
}

int segment_find(const struct segment *segment, uint32_t name, bool create)
{
	/* One that is here comes first, though a key before it may be free by now. */
	int id = find(segment, name, 0);

	/* Only the user's own: what has no key tells no names apart. */
	if (id < 0 && name == 0)
		id = find_without_key(segment);
	if (id < 0 && create)
		id = find(segment, name, IPC_CREAT);
	if (id < 0 && create && name == 0)
		id = create_without_key(segment);
	return id;
}

int segment_peek(const struct segment *segment, uint32_t name)
{
	for (int probe = 0; probe < KEY_PROBES; probe++) {
		int id = shmget(key_of(segment, name, probe), segment->size, segment->mode);

		if (id >= 0 && ours(id, segment))
			return id;
		if (id < 0 && errno == ENOENT)
			return -1;
	}
	return name == 0 ? find_without_key(segment) : -1;
}

void *segment_open(const struct segment *segment, uint32_t name, bool create)
{
	int id = segment_find(segment, name, create);
	void *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	return at == (void *)-1 ? NULL : at;
}
