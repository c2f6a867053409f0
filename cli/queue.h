/* SPDX-License-Identifier: MIT */
/* Processes in line, for cli/tree.c: those that a pass has yet to come by, or begins at. */
#ifndef RATION_QUEUE_H
#define RATION_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct queue_entry {
	pid_t pid;
	int parent;       /* the task in whose list of children it stands; 0: in none we came by */
	uint64_t used_ns; /* of CPU, at the last look */
	uint64_t began;   /* clock ticks since boot; of those that are to be known again */
};

/* All zero is an empty one. */
struct queue {
	struct queue_entry *entries;
	size_t room, count;
};

int queue_add(struct queue *queue, struct queue_entry entry); /* 0 or -ENOMEM */
void queue_free(struct queue *queue);

/* The very process that began then, and it has not ended. */
bool queue_lives(struct queue_entry entry);
void queue_drop_dead(struct queue *queue);

#endif
