/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for root's reading of a user's ledger and fences (`make fuzz-rows`; libFuzzer): any
 * bytes may stand there. They are this process's own, opened and copied as another's would be.
 */
#define _GNU_SOURCE
#include "cli/ctl-fences.h"
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "core/ident.h"

#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Of cli/rationctl.c, which is no part of this. */
struct ctl_orders ctl_orders;

void view_put(const char *what, const char *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void view_put(const char *what, const char *value, const char *format, ...)
{
	(void)what;
	(void)value;
	(void)format;
}

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static void fill(void *memory, size_t room, const uint8_t *bytes, size_t size)
{
	memset(memory, 0, room);
	memcpy(memory, bytes, size < room ? size : room);
}

/* Some look alive. Who was seen lately is not waited for. */
static void enliven(struct ledger *ledger, struct fences *fences, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < FENCE_ROWS && i < size; i++) {
		if (bytes[i] & 1) {
			atomic_store(&ledger->rows[i].owner, ident_self());
			atomic_store(&ledger->rows[i].seen_ms, ident_now_ms());
		}
		if (bytes[i] & 2)
			atomic_store(&ledger->rows[i].space, ident_namespace());
		if (bytes[i] & 4)
			atomic_store(&fences->rows[i].owner, ident_self());
		if (bytes[i] & 8)
			atomic_store(&fences->rows[i].space, ident_namespace());
	}
}

static void sweep(void)
{
	shmctl(ledger_find((uint32_t)getpid()), IPC_RMID, NULL);
	shmctl(fence_find((uint32_t)getpid()), IPC_RMID, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct rows rows;
	static struct fences_list list;
	static struct ledger *ledger;
	static struct fences *fences;
	uint32_t name = (uint32_t)getpid();
	FILE *out = fopen("/dev/null", "w");

	if (!ledger) {
		ledger = ledger_open(name, true);
		fences = fence_open(name, true);
		insist(ledger && fences);
		atexit(sweep);
	}
	fill(ledger, sizeof *ledger, bytes, size);
	fill(fences, sizeof *fences, bytes, size);
	enliven(ledger, fences, bytes, size);
	rows_read(&rows, geteuid(), name);
	fences_read(&list, geteuid(), name);
	insist(rows.count >= 0 && rows.count <= LEDGER_ROWS && rows.busy <= rows.count);
	insist(list.count >= 0 && list.count <= FENCE_ROWS);
	for (int i = 0; i < rows.count; i++)
		insist(*rows_state_text(rows.rows[i].state) && memchr(rows.rows[i].name, 0, 16));
	fences_put_json(out, &list);
	fences_put(&list, getpid());
	fclose(out);
	return 0;
}
