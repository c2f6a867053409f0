/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/glance.h"

#include "cli/procfile.h"
#include "core/ident.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KNOWN_SIZE = 1 << (IDENT_PID_BITS - 3),
	TEXT_SIZE = 1 << 20,
	FRESH_MOST = 64, /* that are looked at: enough to see that there is more */
	LISTS_MOST = 64, /* of children that are read: 10 us each, if they are short */
};

int glance_begin(struct glance *glance, const struct queue *seen)
{
	glance->seen = seen;
	if (!glance->known)
		glance->known = malloc(KNOWN_SIZE);
	if (!glance->text)
		glance->text = malloc(TEXT_SIZE);
	if (!glance->known || !glance->text)
		return -ENOMEM;
	memset(glance->known, 0, KNOWN_SIZE);
	for (size_t i = 0; i < seen->count; i++) {
		pid_t pid = seen->entries[i].pid;

		glance->known[pid / 8] |= (uint8_t)(1 << (pid % 8));
	}
	return 0;
}

/* ns of CPU that a process used beyond what it had; -1: it has ended. */
static int64_t used_beyond(const struct queue_entry *process)
{
	uint64_t now_ns;

	if (ident_cpu_ns(process->pid, &now_ns) != 0)
		return -1;
	return now_ns > process->used_ns ? (int64_t)(now_ns - process->used_ns) : 0;
}

static bool is_known(const struct glance *glance, pid_t pid)
{
	return pid >> IDENT_PID_BITS || (glance->known[pid / 8] >> (pid % 8) & 1);
}

static void find_fresh(struct glance *glance, pid_t pid)
{
	char path[64], *at = glance->text, *end;
	pid_t child;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	procfile_read(path, glance->text, TEXT_SIZE);
	for (; (child = (pid_t)strtol(at, &end, 10)) > 0; at = end)
		if (!is_known(glance, child) && glance->fresh.count < FRESH_MOST)
			queue_add(&glance->fresh, (struct queue_entry){ .pid = child });
}

/* Of those seen by the pass; answers whether any lives. */
static bool look_at_seen(struct glance *glance, int64_t *sum_ns)
{
	int lists = 0;
	bool alive = false;

	for (size_t i = 0; i < glance->seen->count; i++) {
		const struct queue_entry *process = &glance->seen->entries[i];
		int64_t used_ns = i == 0 ? 0 : used_beyond(process);

		alive |= i > 0 && used_ns >= 0;
		*sum_ns += used_ns > 0 ? used_ns : 0;
		if ((i == 0 || used_ns > 0) && lists++ < LISTS_MOST)
			find_fresh(glance, process->pid);
	}
	return alive;
}

int glance_look(struct glance *glance, double *used_s)
{
	int64_t sum_ns = 0;
	bool alive;

	glance->fresh.count = 0;
	alive = look_at_seen(glance, &sum_ns);
	for (size_t i = 0; i < glance->fresh.count; i++) {
		int64_t used_ns = used_beyond(&glance->fresh.entries[i]);

		alive |= used_ns >= 0;
		sum_ns += used_ns > 0 ? used_ns : 0;
		find_fresh(glance, glance->fresh.entries[i].pid);
	}
	*used_s = (double)sum_ns * 1e-9;
	return alive ? 0 : -ESRCH;
}

void glance_free(struct glance *glance)
{
	queue_free(&glance->fresh);
	free(glance->known);
	free(glance->text);
	*glance = (struct glance){ 0 };
}
