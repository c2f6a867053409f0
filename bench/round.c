/* SPDX-License-Identifier: MIT */
/*
 * What a round costs whoever leads it: 1, 100 and 1000 live processes, all of them busy callers
 * with wishes of their own, so that every clock is read and everybody divided for.
 */
#define _GNU_SOURCE
#include "core/round.h"
#include "core/ident.h"
#include "core/ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 301, GUESTS = 1000 };

static struct ledger *ledger;
static struct round_room room;
static pid_t guests[GUESTS];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A guest that does nothing but live. */
static pid_t start(int index, uint32_t space)
{
	pid_t pid = fork();
	struct row *row;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	row = ledger_claim(ledger, ident_self(), space);
	if (!row)
		_exit(1);
	row->job = (uint64_t)(1 + index % 3);
	row->job_cores = (uint16_t)(4 + index % 60);
	row->wish = (uint16_t)(1 + index % 64);
	row->seen_ms = ident_now_ms();
	row->busy = 1;
	for (;;)
		pause();
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* All at a gate since the last look, as those who call often are. */
static int stir(void)
{
	int rows = 0;

	for (int i = 0; i < LEDGER_ROWS; i++) {
		if (!ledger->rows[i].busy)
			continue;
		ledger->rows[i].passed = 1;
		ledger->rows[i].cpu_ns = 0; /* it has used some since */
		rows++;
	}
	return rows;
}

static void measure(int count, uint32_t space)
{
	static uint64_t took_ns[ROUNDS];

	for (int i = 0; i < count; i++)
		if (!guests[i])
			guests[i] = start(i, space);
	while (stir() < count)
		usleep(1000);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begun_ns;

		stir();
		ledger->next_round_ms = 0;
		begun_ns = now_ns();
		round_lead(ledger, ident_now_ms(), space, &room);
		took_ns[i] = now_ns() - begun_ns;
	}
	qsort(took_ns, ROUNDS, sizeof *took_ns, by_size);
	printf("%6d guests: median %6.1f us, nine of ten within %6.1f us\n", count,
	       (double)took_ns[ROUNDS / 2] / 1000, (double)took_ns[ROUNDS * 9 / 10] / 1000);
}

int main(void)
{
	uint32_t name = (uint32_t)getpid(), space = ident_namespace();

	ledger = ledger_open(name, true);
	if (!ledger) {
		fprintf(stderr, "no ledger: SysV shared memory is not to be had\n");
		return 1;
	}
	ledger->budget = 64;
	puts("A round (at most one in 20 ms, for all processes of a user together):");
	measure(1, space);
	measure(100, space);
	measure(GUESTS, space);
	for (int i = 0; i < GUESTS; i++) {
		kill(guests[i], SIGKILL);
		waitpid(guests[i], NULL, 0);
	}
	return 0;
}
