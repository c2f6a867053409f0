/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "core/fence.h"

#include "core/ident.h"
#include "core/segment.h"

_Static_assert(sizeof(struct fence_row) == 256 + 2 * sizeof(struct mask), "a shared layout");
_Static_assert(offsetof(struct fences, rows) == 64 + sizeof(struct mask), "a shared layout");

enum { KEY_FAMILY = 0x46000000 + (FENCE_LAYOUT << 20), KEY_ROOM = 0xfffff };

bool fence_is_key(int key, size_t size)
{
	return ((key & ~KEY_ROOM) == KEY_FAMILY || key == 0) && size == sizeof(struct fences);
}

static const struct segment segment = {
	.family = KEY_FAMILY, .room = KEY_ROOM, .size = sizeof(struct fences), .mode = 0644
};

struct fences *fence_open(uint32_t name, bool create)
{
	return segment_open(&segment, name, create);
}

int fence_find(uint32_t name)
{
	return segment_find(&segment, name, false);
}

/* A pid of another namespace tells nothing here, and with that all who were in it may be gone. */
static bool alive(struct fence_row *row, uint64_t owner)
{
	if (atomic_load(&row->space) == ident_namespace())
		return ident_alive(owner);
	return (uint32_t)ident_now_ms() - atomic_load(&row->beat_ms) < FENCE_SILENT_MS;
}

void fence_beat(struct fence_row *row)
{
	atomic_store(&row->beat_ms, (uint32_t)ident_now_ms());
}

bool fence_is_watched(struct fence_row *row)
{
	uint64_t owner = atomic_load(&row->owner);

	return owner && alive(row, owner);
}

bool fence_holds(struct fence_row *row)
{
	return atomic_load(&row->state) == FENCE_RAISED && fence_is_watched(row);
}

struct fence_row *fence_claim(struct fences *fences, uint64_t self, uint32_t space)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];
		uint64_t was = atomic_load(&row->owner);

		if (was && alive(row, was))
			continue;
		fence_beat(row); /* before others see an owner of whom they know nothing yet */
		if (!atomic_compare_exchange_strong(&row->owner, &was, self))
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
