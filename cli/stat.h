/* SPDX-License-Identifier: MIT */
/* What /proc/PID/stat, or that of a task, says: the fields that we ask for. */
#ifndef RATION_STAT_H
#define RATION_STAT_H

#include <stdbool.h>
#include <stdint.h>

struct stat_line {
	char state;
	int parent;
	uint64_t began;     /* clock ticks since boot */
	uint64_t reaped_ns; /* CPU time of children that ended and were waited for, and theirs */
	int threads;
	int cpu; /* where it runs, or ran last */
};

/* false: it is not that. */
bool stat_parse(const char *text, struct stat_line *line);

/* Of a process. false: there is none, or it has ended. */
bool stat_read(int pid, struct stat_line *line);

#endif
