/* SPDX-License-Identifier: MIT */
/*
 * ration - run a command inside a core budget. Everything is parsed and found before
 * anything is done; then this process becomes the command.
 */
#define _GNU_SOURCE
#include "cli/fence.h"
#include "cli/machine.h"
#include "cli/run.h"
#include "cli/say.h"
#include "cli/user.h"
#include "conf/conf.h"
#include "core/budget.h"
#include "core/env.h"
#include "core/grant.h"
#include "core/ident.h"
#include "core/ledger.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: ration [-n CORES] [--fence=WHEN] [-v | --report[=FILE]] [--] COMMAND [ARG]...\n"
	"Run COMMAND inside a core budget: its BLAS and OpenMP threads, in all of its\n"
	"processes together, are no more than CORES (or one a process, if those are more).\n"
	"\n"
	"  -n, --cores=CORES    the budget, 1 to 4096; without it, RATION_CORES, or what\n"
	"                       ration.conf(5) gives and affinity, quotas and Slurm\n"
	"                       grant; never more than that\n"
	"      --fence=WHEN     confine it to as many CPUs: auto, while it uses more, which is\n"
	"                       the default; always; never; quota, by systemd\n"
	"  -v, --report[=FILE]  stay as the parent, and tell at the end on stderr, or in\n"
	"                       FILE, what was asked for, given and used\n"
	"      --help           show this, and exit\n"
	"      --version        show the version, and exit\n"
	"\n"
	"Exit status: 125 if ration itself fails, 126 if COMMAND cannot be run, 127 if it\n"
	"is not found; else the status of COMMAND.\n"
	"RATION_OFF=1 in the environment runs COMMAND as if ration were not there.\n";

static int parse_cores(const char *text, const char *what)
{
	char *end;
	long cores;

	errno = 0;
	cores = strtol(text, &end, 10);
	if (end == text || *end || errno || cores < 1 || cores > BUDGET_MAX)
		die(EXIT_OURS, "%s '%s': give a whole number of cores, 1 to %d", what, text,
		    BUDGET_MAX);
	return (int)cores;
}

static int parse_fence(const char *text)
{
	int fence = conf_fence_parse(text);

	if (fence < 0)
		die(EXIT_OURS, "--fence=%s: write auto, always, never or quota", text);
	return fence;
}

static const char *parse_file(const char *text)
{
	if (text && !*text)
		die(EXIT_OURS, "--report=: give a file, or --report alone for stderr");
	return text;
}

static const struct option longs[] = {
	{ "cores", required_argument, NULL, 'n' },  { "fence", required_argument, NULL, 'f' },
	{ "report", optional_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },      { NULL, 0, NULL, 0 },
};

static struct run parse(int argc, char **argv)
{
	struct run run = { .fence = -1 };
	int opt;

	while ((opt = getopt_long(argc, argv, "+n:v", longs, NULL)) != -1) {
		switch (opt) {
		case 'n':
			run.cores = parse_cores(optarg, "-n");
			break;
		case 'f':
			run.fence = parse_fence(optarg);
			break;
		case 'r':
			run.report_file = parse_file(optarg);
			run.report = true;
			break;
		case 'v':
			run.report = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ration " RATION_VERSION);
			exit(0);
		default:
			die(EXIT_OURS, "try 'ration --help'");
		}
	}
	if (optind == argc)
		die(EXIT_OURS, "no command given; try 'ration --help'");
	run.command = argv + optind;
	return run;
}

/* The job we are in already, if a `ration` runs us: the same format as in shim.c. */
static bool outer_job(struct job *job)
{
	const char *text = getenv(ENV_JOB);
	unsigned long long id;
	int cores, record;

	if (!text || sscanf(text, "%llx:%d:%d", &id, &cores, &record) != 3 || cores < 1)
		return false;
	*job = (struct job){ .id = id, .cores = cores, .record = record };
	return true;
}

static uint32_t ledger_name(void)
{
	const char *name = getenv(ENV_LEDGER);

	return name ? (uint32_t)strtoul(name, NULL, 10) : 0;
}

/*
 * A job of its own if a budget was named; inside another job, that job, with at most
 * the cores named for each of its processes. Never more than the machine grants, nor
 * than the configuration gives this user. Where it grants this process less than the
 * whole, all that are confined in the same way are one job.
 */
static struct job begin_job(const struct run *run, const struct user *user)
{
	const char *cores = getenv(ENV_CORES);
	struct job job = { .record = -1 };
	struct grant grant = grant_read();
	int asked = run->cores, granted = grant.cores, configured;
	uint32_t name = ledger_name();

	if (!asked && cores && *cores)
		asked = parse_cores(cores, ENV_CORES);
	configured = user_settle(user, name);
	if (configured && configured < granted)
		granted = configured;
	if (!outer_job(&job)) {
		job.id = asked ? ident_self() : grant.place;
		job.cores = granted;
	}
	if (granted < job.cores)
		job.cores = granted;
	if (asked && asked < job.cores)
		job.cores = asked;
	job.ledger = name;
	return job;
}

static bool is_one(const char *name)
{
	const char *value = getenv(name);

	return value && !strcmp(value, "1");
}

int main(int argc, char **argv)
{
	struct warden_orders orders;
	struct user user;
	struct run run;
	struct job job;
	bool fenced;

	machine_unshim();
	run = parse(argc, argv);
	user = user_read(run.report || is_one(ENV_DEBUG), machine_online());

	if (user.locked)
		unsetenv(ENV_OFF);
	if (user.bound)
		unsetenv(ENV_LEDGER);
	/* Exempt is who is given no limit; who names one wants it. */
	if (is_one(ENV_OFF) || (user.exempt && !run.cores && !getenv(ENV_CORES))) {
		execvp(run.command[0], run.command);
		die(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "%s: %s", run.command[0],
		    strerror(errno));
	}
	/* Or who has ended has no number that is ours: we would wait, and signal, in vain. */
	run.reaped = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	job = begin_job(&run, &user);
	fenced = fence_begin(&run, &user, &job, &orders);
	if (run.report)
		return run_report(&run, &job, fenced ? &orders : NULL);
	if (fenced)
		fence_watch(&orders, &job);
	run_exec(&run, &job);
}
