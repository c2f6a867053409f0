/* SPDX-License-Identifier: MIT */
/*
 * over NAME: until its input ends, looks every 5 ms how many threads of the guests of that ledger
 * want a CPU (state R), and what the ledger grants just before and just after: the larger of both,
 * and a thread a process that computes without us. A thread that has not used 2 ms of CPU yet is
 * only about to sleep in its new pool. Says how many looks there were, how many of them saw more,
 * how many in a row at most, and by how much. Not a victim but a witness.
 */
#define _GNU_SOURCE
#include "core/ident.h"
#include "core/ledger.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOMENT_NS = 2000000 };

static struct ledger *ledger;
static int pids[LEDGER_ROWS], guests;

/* As ledger_taken has it: at least one for each that is busy, and one for each call. */
static int grants(void)
{
	int sum = 0;

	guests = 0;
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = row->owner;

		if (!owner || (pids[guests] = ident_pid(owner)) < 1)
			continue;
		guests++;
		if (row->busy)
			sum += row->share > row->flights ? row->share : row->flights;
	}
	return sum;
}

/* Its CPU time is the first number there, in ns. */
static bool has_worked(int tid)
{
	char path[64];
	long ns = MOMENT_NS;
	FILE *used;

	snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", tid, tid);
	used = fopen(path, "r");
	if (used && fscanf(used, "%ld", &ns) != 1)
		ns = 0; /* it has ended */
	if (used)
		fclose(used);
	return ns >= MOMENT_NS;
}

static int running_in(int pid)
{
	char path[32];
	struct dirent *task;
	int running = 0;
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (task = readdir(tasks)))
		if (task->d_name[0] != '.' && ident_state(atoi(task->d_name)) == 'R')
			running += has_worked(atoi(task->d_name));
	if (tasks)
		closedir(tasks);
	return running;
}

/* For whoever has to find out how it came. */
static void describe(int before, int after, int over)
{
	fprintf(stderr, "%lu: before %d after %d over %d:", (unsigned long)ident_now_ms(), before,
		after, over);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		if (row->owner)
			fprintf(stderr, " %d %s share %d target %d flights %d runs %d,",
				ident_pid(row->owner), row->busy ? "busy" : "idle", row->share,
				row->target, row->flights, running_in(ident_pid(row->owner)));
	}
	fprintf(stderr, "\n");
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	int looks = 0, over = 0, row = 0, longest = 0, worst = 0;

	ledger = ledger_open(argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, true);
	if (!ledger)
		return 1;
	while (poll(&input, 1, 5) == 0) {
		int before = grants(), running = 0, after;

		for (int i = 0; i < guests; i++)
			running += running_in(pids[i]);
		after = grants();
		running -= (before > after ? before : after) + guests;
		looks += guests > 0;
		row = running > 0 ? row + 1 : 0;
		over += running > 0;
		longest = row > longest ? row : longest;
		worst = running > worst ? running : worst;
		if (running > 0 && getenv("OVER_SAYS"))
			describe(before, after, running);
	}
	printf("looks %d over %d in-a-row %d by %d\n", looks, over, longest, worst);
	return 0;
}
