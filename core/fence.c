/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "core/fence.h"

#include "core/ident.h"

#include <sys/ipc.h>
#include <sys/shm.h>

_Static_assert(sizeof(struct fence_row) == 256 + 2 * sizeof(struct mask), "a shared layout");
_Static_assert(offsetof(struct fences, rows) == 64 + sizeof(struct mask), "a shared layout");

enum { KEY_PROBES = 8, KEY_FAMILY = 0x46000000 + (FENCE_LAYOUT << 20), KEY_ROOM = 0xfffff };

static key_t key_of(uint32_t name, int probe)
{
	uint64_t mixed = (uint64_t)geteuid() << 32 | name * 0x01000193u;

	mixed = (mixed + (uint64_t)probe) * 0x9e3779b97f4a7c15u;
	mixed ^= mixed >> 29;
	return (key_t)(KEY_FAMILY | ((uint32_t)(mixed >> 8) & KEY_ROOM));
}

bool fence_is_key(int key, size_t size)
{
	return (key & ~KEY_ROOM) == KEY_FAMILY && size == sizeof(struct fences);
}

static bool ours(int id)
{
	struct shmid_ds stat;

	return shmctl(id, IPC_STAT, &stat) == 0 && stat.shm_perm.uid == geteuid()
	       && stat.shm_perm.cuid == geteuid() && (stat.shm_perm.mode & 0777) == 0644
	       && stat.shm_segsz == sizeof(struct fences);
}

static int find_segment(uint32_t name, int flags)
{
	for (int probe = 0; probe < KEY_PROBES; probe++) {
		int id = shmget(key_of(name, probe), sizeof(struct fences), 0644 | flags);

		if (id >= 0 && ours(id))
			return id;
	}
	return -1;
}

struct fences *fence_open(uint32_t name, bool create)
{
	int id = find_segment(name, 0);
	void *at;

	if (id < 0 && create)
		id = find_segment(name, IPC_CREAT);
	at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	return at == (void *)-1 ? NULL : at;
}

/* Of another pid namespace nobody here can say whether it lives. */
static bool alive(struct fence_row *row, uint64_t owner)
{
	return atomic_load(&row->space) != ident_namespace() || ident_alive(owner);
}

bool fence_holds(struct fence_row *row)
{
	uint64_t owner = atomic_load(&row->owner);

	return owner && atomic_load(&row->state) == FENCE_RAISED && alive(row, owner);
}

struct fence_row *fence_claim(struct fences *fences, uint64_t self, uint32_t space)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];
		uint64_t was = atomic_load(&row->owner);

		if ((was && alive(row, was))
		    || !atomic_compare_exchange_strong(&row->owner, &was, self))
			continue;
		atomic_store(&row->state, FENCE_WATCHED);
		atomic_store(&row->why, FENCE_NOT);
		atomic_store(&row->times, 0);
		atomic_store(&row->used, 0);
		atomic_store(&row->next_pin, 0);
		for (int pin = 0; pin < FENCE_PINS; pin++)
			atomic_store(&row->pins[pin], 0);
		atomic_store(&row->space, space);
		return row;
	}
	return NULL;
}

void fence_leave(struct fence_row *row, uint64_t self)
{
	atomic_compare_exchange_strong(&row->owner, &self, 0);
}

bool fence_of(struct fences *fences, uint64_t job, int cores, const struct mask *now,
	      struct mask *mask)
{
	bool found = false;

	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];
		struct mask both;

		if (atomic_load(&row->job) != job || atomic_load(&row->cores) < cores
		    || !fence_holds(row) || (now && !mask_within(now, &row->mask)))
			continue;
		both = found ? mask_both(mask, &row->mask) : row->mask;
		if (mask_count(&both) > 0)
			*mask = both;
		found = mask_count(mask) > 0;
	}
	return found;
}
