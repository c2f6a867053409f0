/* SPDX-License-Identifier: MIT */
/* The fields are counted as in proc(5), from 1. */
#define _GNU_SOURCE
#include "cli/stat.h"

#include "cli/procfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STATE = 3,
	PARENT = 4,
	REAPED_USER = 16,
	REAPED_SYSTEM = 17,
	THREADS = 20,
	BEGAN = 22,
	CPU = 39,
	TICKS_PER_S = 100
};

/*
 * "1234 (a name) R 1 1234 ...": a name may hold spaces and brackets: the last bracket is the one
 * that counts. A tick is 10 ms on every architecture but alpha and ia64 (Linux 6.1, USER_HZ).
 */
bool stat_parse(const char *text, struct stat_line *line)
{
	const char *at = strrchr(text, ')');
	uint64_t ticks = 0;

	if (!at || at[1] != ' ')
		return false;
	at += 2;
	*line = (struct stat_line){ .state = *at, .cpu = -1 };
	for (int field = STATE + 1; field <= CPU; field++) {
		at = strchr(at, ' ');
		if (!at)
			return field > BEGAN;
		at++;
		if (field == REAPED_USER || field == REAPED_SYSTEM)
			ticks += strtoull(at, NULL, 10);
		else if (field == PARENT)
			line->parent = atoi(at);
		else if (field == THREADS)
			line->threads = atoi(at);
		else if (field == BEGAN)
			line->began = strtoull(at, NULL, 10);
		else if (field == CPU)
			line->cpu = atoi(at);
		line->reaped_ns = ticks * (1000000000 / TICKS_PER_S);
	}
	return true;
}

bool stat_read(int pid, struct stat_line *line)
{
	char path[32], text[512];

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (!procfile_read(path, text, sizeof text))
		return false;
	return stat_parse(text, line) && line->state != 'Z' && line->state != 'X';
}
