/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#include "cli/queue.h"

#include "cli/stat.h"

#include <errno.h>
#include <stdlib.h>

int queue_add(struct queue *queue, struct queue_entry entry)
{
	if (queue->count == queue->room) {
		size_t room = queue->room ? queue->room * 2 : 64;
		struct queue_entry *more = realloc(queue->entries, room * sizeof *more);

		if (!more)
			return -ENOMEM;
		queue->entries = more;
		queue->room = room;
	}
	queue->entries[queue->count++] = entry;
	return 0;
}

void queue_free(struct queue *queue)
{
	free(queue->entries);
	*queue = (struct queue){ 0 };
}

bool queue_lives(struct queue_entry entry)
{
	struct stat_line stat;

	return stat_read(entry.pid, &stat) && stat.began == entry.began;
}

void queue_drop_dead(struct queue *queue)
{
	size_t kept = 0;

	for (size_t i = 0; i < queue->count; i++)
		if (queue_lives(queue->entries[i]))
			queue->entries[kept++] = queue->entries[i];
	queue->count = kept;
}
