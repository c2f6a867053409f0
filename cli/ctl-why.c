/* SPDX-License-Identifier: MIT */
/*
 * rationctl why: why has this program so many threads? First the answer in one line, then
 * all it follows from, value by value. Nothing is touched, and the program notices nothing.
 */
#define _GNU_SOURCE
#include "cli/ctl-fences.h"
#include "cli/ctl-rows.h"
#include "cli/ctl-view.h"
#include "cli/ctl.h"
#include "cli/procfile.h"
#include "cli/say.h"
#include "core/env.h"
#include "core/grant.h"
#include "core/ident.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const wishes[] = { "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
				      "OMP_NUM_THREADS" };

static struct view view;
static struct rows rows;
static struct fences_list fences;
static char name[64] = "a program started here";

static int number_of(const char *variable)
{
	const char *value = view_env(&view, variable);
	int number = value ? atoi(value) : 0;

	return number > 0 ? number : 0;
}

/* The first of them in the order in which OpenBLAS asks; NULL: none is set. */
static const char *wish_variable(void)
{
	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
		if (number_of(wishes[i]))
			return wishes[i];
	return NULL;
}

/* Where the wish of a guest comes from. The library has told what it read, and from where. */
static const char *wish_reason(const struct rows_row *row)
{
	static char text[64];
	const char *variable;

	if (row->named <= NAMED_NONE || row->named > NAMED_OMP || row->named_as != row->wish)
		return "by a call of its own";
	variable = wishes[row->named - NAMED_OPENBLAS];
	snprintf(text, sizeof text, "%s%s", variable,
		 number_of(variable) == row->wish ? "" : " that it set itself");
	return text;
}

static const struct rows_row *find_row(void)
{
	for (int i = 0; i < rows.count; i++)
		if (rows.rows[i].pid == view.pid && !rows.rows[i].foreign
		    && rows.rows[i].state != ROWS_DEAD)
			return &rows.rows[i];
	return NULL;
}

static int busy_in_job(uint64_t job)
{
	int busy = 0;

	for (int i = 0; i < rows.count; i++)
		busy += rows.rows[i].state == ROWS_BUSY && rows.rows[i].job == job;
	return busy;
}

/* One line of a file of the program that has these words. */
static bool proc_line(const char *file, const char *words, char *line, int size)
{
	char path[48];

	snprintf(path, sizeof path, "/proc/%d/%s", view.pid, file);
	return procfile_line_apart(path, words, line, (size_t)size);
}

static const char *ceiling_reason(void)
{
	if (view.deciding < VIEW_LIMITS)
		return view.from[view.deciding];
	return "what held when it started";
}

static void answer_guest(const struct rows_row *row)
{
	bool modest = row->wish < view.ceiling;
	int siblings = busy_in_job(row->job);

	if (row->runtimes == RUNTIME_AT_LOAD) {
		say(stdout, "uses up to %d, whatever its share is: its OpenBLAS is held %s",
		    modest ? row->wish : view.ceiling, ledger_level_text(LEVEL_LOAD));
	} else if (row->state == ROWS_IDLE) {
		say(stdout,
		    "is idle and has lent its cores; at its next calls it may use up to %d (%s)",
		    modest ? row->wish : view.ceiling,
		    modest ? wish_reason(row) : ceiling_reason());
	} else if (!row->calls) {
		say(stdout, "may use 1: it computes, but not in a library that is governed");
	} else if (!row->share) {
		say(stdout,
		    "has loaded a library that is governed, and not called it yet; it may use "
		    "up to %d (%s)",
		    view.ceiling, ceiling_reason());
	} else if (row->share >= row->wish && modest) {
		say(stdout, "may use %d: it asks for no more, %s", row->share, wish_reason(row));
	} else if (row->share >= view.ceiling) {
		say(stdout, "may use %d, all there is for it (%s)", row->share, ceiling_reason());
	} else if (grant_is_place(row->job) && siblings > 1) {
		say(stdout,
		    "may use %d: %d busy guests share the %d CPUs they are confined to (%s)",
		    row->share, siblings, row->job_cores, ceiling_reason());
	} else if (row->job && siblings > 1 && row->job_cores < rows.budget) {
		say(stdout, "may use %d: %d busy guests share the %d cores of `ration`, process %d",
		    row->share, siblings, row->job_cores, ident_pid(row->job));
	} else if (rows.busy > 1) {
		say(stdout, "may use %d: %d busy guests share the user's budget of %d", row->share,
		    rows.busy, rows.budget);
	} else {
		say(stdout, "may use %d for a moment: it has just asked for %d, or begun to call",
		    row->share, row->wish);
	}
}

/* No `ration` began it, and the configuration does not limit its user. */
static bool is_left_alone(void)
{
	return !view_env(&view, ENV_JOB) && !view.cores[VIEW_VARIABLE]
	       && (view.budget.exempt || !view.budget.cores);
}

static void answer_stranger(void)
{
	char line[512];

	if (!proc_line("maps", "libration.so", line, sizeof line))
		say(stdout,
		    "is no guest: it does not carry the shim (begun without ration, static, "
		    "setuid, or not to be read)");
	else if (view_env(&view, ENV_OFF) && !strcmp(view_env(&view, ENV_OFF), "1"))
		say(stdout, "carries the shim, and " ENV_OFF "=1 makes it inert");
	else if (is_left_alone())
		say(stdout, "carries the shim, which leaves it alone: %s",
		    view.budget.exempt ? "the user is exempt" : "nobody gives the user a budget");
	else
		say(stdout,
		    "carries the shim, but has loaded no library that is governed; one would "
		    "start with up to %d (%s)",
		    view.ceiling, ceiling_reason());
}

static void answer_self(void)
{
	const char *variable = wish_variable();
	int wish = variable ? number_of(variable) : 0;

	if (view.budget.exempt)
		say(stdout, "runs without limit: the user is exempt");
	else if (wish && wish < view.ceiling)
		say(stdout, "with ration asks for no more than %d, %s", wish, variable);
	else
		say(stdout, "with ration may use up to %d (%s)", view.ceiling, ceiling_reason());
}

static void put_number(const char *what, int number, const char *from)
{
	char value[16];

	snprintf(value, sizeof value, "%d", number);
	view_put(what, value, "%s", from);
}

static void put_row(const struct rows_row *row)
{
	view_put("state", rows_state_text(row->state), "%d%% of a CPU lately", row->load_pct);
	put_number("wish", row->wish, "threads that it asked for at most");
	put_number("target", row->target, "given by the last round");
	put_number("share", row->share, "taken: what it may run now");
	put_number("cores", row->job_cores, "of its ceiling, when it joined");
	put_number("siblings", busy_in_job(row->job) - (row->state == ROWS_BUSY),
		   "other busy guests of the same job");
	put_number("guests", rows.busy, "busy, of this user");
	put_number("ledger", rows.budget, "cores that they share");
	if (row->runtimes & RUNTIME_AT_LOAD)
		view_put("library", "-", "an OpenBLAS that is held %s",
			 ledger_level_text(LEVEL_LOAD));
}

static void put_environment(void)
{
	static const char *const shown[] = {
		ENV_CORES,
		ENV_OFF,
		ENV_JOB,
		"OPENBLAS_NUM_THREADS",
		"GOTO_NUM_THREADS",
		"OMP_NUM_THREADS",
		"SLURM_JOB_ID",
		"SLURM_CPUS_ON_NODE",
		"SLURM_CPUS_PER_TASK",
	};

	if (!view.environment)
		view_put("env", "-", "its environment is not to be read");
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (view_env(&view, shown[i]))
			view_put("env", "-", "%s=%s", shown[i], view_env(&view, shown[i]));
}

static pid_t parse_pid(const char *text)
{
	char *end;
	long pid = text ? strtol(text, &end, 10) : 0;

	if (text && (end == text || *end || pid < 1 || pid > 1 << IDENT_PID_BITS))
		die(CTL_TROUBLE, "'%s' is no process; give the number of one", text);
	return (pid_t)pid;
}

static void read_all(pid_t pid)
{
	int error = view_read(&view, pid);
	const char *ledger;
	uint32_t table;

	if (error == -ESRCH)
		die(CTL_NO, "there is no process %d", pid);
	if (error == -EACCES)
		die(CTL_TROUBLE, "process %d is another user's; that user and root can ask", pid);
	if (error)
		die(CTL_TROUBLE, "%s", strerror(-error));
	ledger = pid ? view_env(&view, ENV_LEDGER) : NULL;
	table = ledger ? (uint32_t)strtoul(ledger, NULL, 10) : ctl_ledger_name();
	rows_read(&rows, view.who.uid, table);
	fences_read(&fences, view.who.uid, table);
}

static int run(void)
{
	pid_t pid = parse_pid(ctl_orders.operand);
	const struct rows_row *row = NULL;
	char line[64];

	read_all(pid);
	if (pid) {
		if (proc_line("comm", "", line, sizeof line))
			memcpy(name, line, sizeof name);
		row = find_row();
	}
	ctl_put_text(stdout, name);
	if (pid)
		printf(" (%d)", pid);
	putchar(' ');
	if (row)
		answer_guest(row);
	else if (pid)
		answer_stranger();
	else
		answer_self();
	putchar('\n');
	if (pid && proc_line("status", "Threads:", line, sizeof line))
		put_number("threads", atoi(line + strlen("Threads:")), "exist, idle ones included");
	if (row)
		put_row(row);
	if (pid)
		fences_put(&fences, pid);
	put_environment();
	put_number("ceiling", view.ceiling, view_limit_name(view.deciding));
	view_put_limits(&view);
	view_free(&view);
	return CTL_DONE;
}

const struct ctl_action ctl_why = {
	.name = "why",
	.operand = "[PID]",
	.summary = "explain why a program has the threads it has",
	.help = "The first line answers; the others, WHAT VALUE FROM, are what it follows\n"
		"from: the program's wish and share, who else is busy, variables it was given,\n"
		"and all limits with their origin. Without PID: what a program started here\n"
		"would get.\n",
	.run = run,
};
