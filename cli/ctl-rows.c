/* SPDX-License-Identifier: MIT */
/* Whatever stands in a ledger may be garbage of its user: numbers are shown, never trusted. */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"

#include "cli/ctl.h"
#include "cli/foreign.h"
#include "cli/procfile.h"
#include "cli/say.h"
#include "core/budget.h"
#include "core/ident.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 50 };

uid_t rows_user(const char *name)
{
	const struct passwd *entry = name ? getpwnam(name) : NULL;

	if (!name)
		return geteuid();
	if (!entry)
		die(CTL_NO, "there is no user '%s'", name);
	if (entry->pw_uid != geteuid() && geteuid() != 0)
		die(CTL_TROUBLE, "the ledger of '%s' can be opened by that user and by root", name);
	return entry->pw_uid;
}

static void act_as(uid_t uid)
{
	if (uid != geteuid() && seteuid(uid) != 0)
		die(CTL_TROUBLE, "cannot act as uid %u: %s", (unsigned)uid, strerror(errno));
}

/* Found as that user, for the key is made of the uid; then nothing but a copy is looked at. */
static void *copy(uid_t uid, uint32_t name, int (*find)(uint32_t name), size_t size)
{
	void *room = calloc(1, size);
	uid_t before = geteuid();
	int id, error;

	act_as(uid);
	id = find(name);
	error = id < 0 ? id : foreign_copy(id, room, size);
	act_as(before);
	if (room && !error)
		return room;
	if (id >= 0)
		warn("shared memory of uid %u is not to be read: %s", (unsigned)uid,
		     strerror(room ? -error : ENOMEM));
	free(room);
	return NULL;
}

struct ledger *rows_copy(uid_t uid, uint32_t name)
{
	return copy(uid, name, ledger_find, sizeof(struct ledger));
}

struct fences *rows_copy_fences(uid_t uid, uint32_t name)
{
	return copy(uid, name, fence_find, sizeof(struct fences));
}

const char *rows_state_text(enum rows_state state)
{
	static const char *const texts[] = {
		[ROWS_BUSY] = "busy", [ROWS_IDLE] = "idle", [ROWS_DEAD] = "dead"
	};

	return texts[state];
}

static void read_name(struct rows_row *row)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/comm", row->pid);
	procfile_read(path, row->name, sizeof row->name);
	row->name[strcspn(row->name, "\n")] = '\0';
}

/* What a row used of its CPU clock when it was looked at first; see rows_read. */
static uint64_t first_ns[LEDGER_ROWS], first_ms;

/*
 * Nobody has led a round for so long: so nobody has passed a gate, and what the row says of
 * its owner may be long untrue.
 */
static bool stale(struct row *seen, uint64_t now_ms)
{
	return now_ms > atomic_load(&seen->seen_ms) + BUDGET_IDLE_MS;
}

/* By the rules of a round, from what its owner has used in the last moments. */
static void judge(struct rows_row *row, struct row *seen, uint64_t was_ns)
{
	uint64_t now_ms = ident_now_ms(), cpu_ns = was_ns;
	int elapsed_ms = budget_clamp((long)(now_ms - first_ms), 1, 10000);
	struct budget_watch watch = {
		.calls = atomic_load(&seen->calls),
		.busy = atomic_load(&seen->busy),
		.load_pct = atomic_load(&seen->load_pct),
		.quiet_ms = (int)atomic_load(&seen->quiet_ms),
	};

	if (!row->foreign && was_ns && stale(seen, now_ms)) {
		ident_cpu_ns(row->pid, &cpu_ns);
		cpu_ns = cpu_ns > was_ns ? cpu_ns - was_ns : 0;
		watch.load_pct =
			budget_clamp((long)cpu_ns / 10000 / elapsed_ms, 0, 100 * BUDGET_MAX);
		watch.quiet_ms = BUDGET_IDLE_MS;
		watch = budget_judge(watch, false, cpu_ns, elapsed_ms);
	}
	row->state = watch.busy ? ROWS_BUSY : ROWS_IDLE;
	row->calls = watch.calls;
	row->load_pct = watch.load_pct;
	if (!watch.busy)
		row->target = row->share = 0;
	else if (row->target > row->share)
		row->waits = row->target - row->share;
	else if (atomic_load(&seen->calls) == CALLS && row->share == 0)
		row->waits = 1;
}

static void read_row(struct rows_row *row, struct row *seen, uint64_t owner, uint32_t space,
		     uint64_t was_ns)
{
	uint64_t now_ms = ident_boot_ms(), began_ms = owner >> IDENT_PID_BITS;

	*row = (struct rows_row){
		.pid = ident_pid(owner),
		.foreign = atomic_load(&seen->space) != space,
		.job = atomic_load(&seen->job),
		.job_cores = atomic_load(&seen->job_cores),
		.wish = atomic_load(&seen->wish),
		.target = atomic_load(&seen->target),
		.share = atomic_load(&seen->share),
		.runtimes = atomic_load(&seen->runtimes),
		.named = atomic_load(&seen->named),
		.named_as = atomic_load(&seen->named_as),
		.age_ms = now_ms > began_ms ? now_ms - began_ms : 0,
	};
	judge(row, seen, was_ns);
	if (row->foreign)
		return;
	if (ident_alive(owner)) {
		read_name(row);
		return;
	}
	row->state = ROWS_DEAD;
	row->waits = 0;
}

static int by_pid(const void *one, const void *other)
{
	return ((const struct rows_row *)one)->pid - ((const struct rows_row *)other)->pid;
}

/* Look at the CPU clocks once before, and then again, if there is a row that needs it. */
static void look_before(struct ledger *ledger)
{
	static const struct timespec moment = { .tv_nsec = LOOK_MS * 1000000 };
	bool any = false;

	first_ms = ident_now_ms();
	for (int i = 0; i < LEDGER_ROWS; i++) {
		uint64_t owner = atomic_load(&ledger->rows[i].owner);

		first_ns[i] = 0;
		if (!owner || !stale(&ledger->rows[i], first_ms))
			continue;
		any |= ident_cpu_ns(ident_pid(owner), &first_ns[i]) == 0;
	}
	if (any)
		nanosleep(&moment, NULL);
}

void rows_read(struct rows *rows, uid_t uid, uint32_t name)
{
	struct ledger *ledger = rows_copy(uid, name);
	uint32_t space = ident_namespace();

	*rows = (struct rows){ .uid = uid, .present = ledger != NULL };
	if (!ledger)
		return;
	rows->budget = budget_clamp(atomic_load(&ledger->budget), 0, BUDGET_MAX);
	rows->overflow = (int)atomic_load(&ledger->overflow);
	look_before(ledger);
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct rows_row *row = &rows->rows[rows->count];
		uint64_t owner = atomic_load(&ledger->rows[i].owner);

		if (!owner)
			continue;
		read_row(row, &ledger->rows[i], owner, space, first_ns[i]);
		rows->count++;
		if (row->state != ROWS_BUSY)
			continue;
		rows->busy++;
		rows->granted += row->share;
	}
	qsort(rows->rows, (size_t)rows->count, sizeof *rows->rows, by_pid);
	free(ledger);
}
