/* SPDX-License-Identifier: MIT */
/*
 * rationctl status: every row of the ledger. Columns and keys are for scripts too: new ones
 * come at the end, before the command, and none changes its meaning.
 */
#define _GNU_SOURCE
#include "cli/ctl-fences.h"
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "cli/runtime.h"
#include "core/grant.h"
#include "core/ident.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rows rows;
static struct fences_list fences;

static void put_user(FILE *out, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry)
		ctl_put_text(out, entry->pw_name);
	else
		fprintf(out, "%u", (unsigned)uid);
}

static void put_job(FILE *out, uint64_t job, const char *none)
{
	if (job && !grant_is_place(job))
		fprintf(out, "%d", ident_pid(job));
	else
		fputs(none, out);
}

/* With quote around each; none: instead of an empty list. */
static void put_runtimes(int bits, const char *none, const char *quote, const char *comma)
{
	const char *before = "";

	for (int i = 0; i < RUNTIMES; i++) {
		if (!(bits >> i & 1))
			continue;
		printf("%s%s%s%s", before, quote, runtime_name(i), quote);
		before = comma;
	}
	if (!*before)
		fputs(none, stdout);
}

static void put_row(const struct rows_row *row)
{
	char job[16] = "-";

	if (row->job && !grant_is_place(row->job))
		snprintf(job, sizeof job, "%d", ident_pid(row->job));
	printf("%-8d %-8s %5d %5d %6d %5d %-5s %5d %7" PRIu64 " %5d ", row->pid, job,
	       row->job_cores, row->wish, row->target, row->share, rows_state_text(row->state),
	       row->load_pct, row->age_ms / 1000, row->waits);
	put_runtimes(row->runtimes, "-", "", ",");
	fputs("  ", stdout);
	ctl_put_text(stdout, *row->name ? row->name : "-");
	putchar('\n');
}

static void put_text(void)
{
	fputs("user ", stdout);
	put_user(stdout, rows.uid);
	printf(" budget %d granted %d guests %d busy %d refused %d fences %d\n", rows.budget,
	       rows.granted, rows.count, rows.busy, rows.overflow, fences.raised);
	puts("PID      JOB      CORES  WISH TARGET SHARE STATE LOAD%   AGE_S WAITS "
	     "RUNTIMES  COMMAND");
	for (int i = 0; i < rows.count; i++)
		put_row(&rows.rows[i]);
}

/* What say_text lets through needs no more than this. */
static void put_json_text(const char *text)
{
	char *escaped = malloc(2 * strlen(text) + 1), *end = escaped;

	putchar('"');
	for (; end && *text; *end++ = *text++)
		if (*text == '"' || *text == '\\')
			*end++ = '\\';
	if (end) {
		*end = '\0';
		ctl_put_text(stdout, escaped);
	}
	free(escaped);
	putchar('"');
}

static void put_json_row(const struct rows_row *row)
{
	printf("{\"pid\":%d,\"job\":", row->pid);
	put_job(stdout, row->job, "null");
	printf(",\"job_id\":\"%" PRIx64 "\",\"cores\":%d,\"wish\":%d,\"target\":%d,\"share\":%d,"
	       "\"state\":\"%s\",\"load_pct\":%d,\"age_s\":%" PRIu64 ".%03d,\"foreign\":%s,"
	       "\"waits\":%d,\"runtimes\":[",
	       row->job, row->job_cores, row->wish, row->target, row->share,
	       rows_state_text(row->state), row->load_pct, row->age_ms / 1000,
	       (int)(row->age_ms % 1000), row->foreign ? "true" : "false", row->waits);
	put_runtimes(row->runtimes, "", "\"", ",");
	fputs("],\"command\":", stdout);
	if (*row->name)
		put_json_text(row->name);
	else
		fputs("null", stdout);
	putchar('}');
}

static void put_json(void)
{
	const struct passwd *entry = getpwuid(rows.uid);

	fputs("{\"user\":", stdout);
	if (entry)
		put_json_text(entry->pw_name);
	else
		fputs("null", stdout);
	printf(",\"uid\":%u,\"ledger\":%s,\"budget\":%d,\"granted\":%d,\"guests\":%d,\"busy\":%d,"
	       "\"refused\":%d,\"rows\":[",
	       (unsigned)rows.uid, rows.present ? "true" : "false", rows.budget, rows.granted,
	       rows.count, rows.busy, rows.overflow);
	for (int i = 0; i < rows.count; i++) {
		if (i > 0)
			putchar(',');
		put_json_row(&rows.rows[i]);
	}
	fputs("],\"fences\":", stdout);
	fences_put_json(stdout, &fences);
	puts("}");
}

static int run(void)
{
	rows_read(&rows, rows_user(ctl_orders.user), ctl_ledger_name());
	fences_read(&fences, rows.uid, ctl_ledger_name());
	if (ctl_orders.json)
		put_json();
	else
		put_text();
	return CTL_DONE;
}

const struct ctl_action ctl_status = {
	.name = "status",
	.summary = "show every guest of the user: what it asked for, and what it has",
	.help = "The first line has the user's budget (0: nobody has set it yet), the cores\n"
		"granted to busy guests, and how many guests there are. JOB is the pid of the\n"
		"`ration -n` that began a guest, CORES the most it may use, WISH the most it\n"
		"asked for, TARGET what it was given last, SHARE what it has taken, LOAD% the\n"
		"CPU it uses, WAITS the cores it has to wait for until others let them go.\n"
		"fences: commands that are confined to CPUs at the moment.\n",
	.options = CTL_JSON | CTL_USER,
	.run = run,
};
