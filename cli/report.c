/* SPDX-License-Identifier: MIT */
/*
 * `ration -v`: stay as the parent of the command, watch its tree from outside, and
 * tell at the end what it asked for, was given and used. The command is not to
 * notice: signals sent to us are passed on, and its exit status is ours.
 */
#define _GNU_SOURCE
#include "cli/cpulist.h"
#include "cli/excess.h"
#include "cli/pace.h"
#include "cli/run.h"
#include "cli/runtime.h"
#include "cli/say.h"
#include "cli/tally.h"
#include "cli/tree.h"
#include "cli/warden.h"
#include "cli/witness.h"
#include "core/cpus.h"
#include "core/fence.h"
#include "core/grant.h"
#include "core/ident.h"
#include "core/ledger.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* However many threads are to be looked at: at most one part in so many of a CPU. */
enum { SAMPLE_MS = 20, SAMPLE_PART = 20 };

struct watch {
	pid_t command, witness;
	int status;
	struct tree *tree;
	struct warden *warden; /* NULL: it needs none */
	double start_s, end_s;
	double due_s; /* when to look at the tree again */
};

static struct tally tally;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void sample(struct watch *watch)
{
	double begin_s = pace_cpu_s(), now;
	struct tree_sample seen;

	if (!watch->tree || tree_sample(watch->tree, &seen) != 0)
		return;
	now = now_s();
	watch->due_s = now + (pace_cpu_s() - begin_s) * SAMPLE_PART;
	if (watch->witness && seen.processes > 0)
		seen.processes--;
	tally_add(&tally, &seen, now);
}

/*
 * From the terminal, the whole foreground group got it: the command has it already. So it has if
 * somebody sent it to the group, and it has not left that.
 */
static void pass_on(struct watch *watch, const siginfo_t *signal)
{
	if (signal->si_code == SI_KERNEL)
		return;
	if (witness_saw(&watch->witness, signal->si_signo) && getpgid(watch->command) == getpgrp())
		return;
	kill(watch->command, signal->si_signo);
}

/* Whose number may be a stranger's from now on. true: it was the command. */
static bool note_end(struct watch *watch, pid_t ended, int status)
{
	if (ended == watch->witness)
		watch->witness = 0;
	if (ended != watch->command)
		return false;
	watch->status = status;
	return true;
}

static void follow(struct watch *watch, const sigset_t *signals)
{
	static const struct timespec interval = { .tv_nsec = SAMPLE_MS * 1000000 };
	siginfo_t signal;

	for (;;) {
		int number = sigtimedwait(signals, &signal, &interval), status;

		if (watch->warden && warden_due_s(watch->warden) * 2e3 < SAMPLE_MS)
			warden_look(watch->warden);
		if (number == SIGCHLD || now_s() >= watch->due_s)
			sample(watch);
		if (number == SIGCHLD || number < 0) {
			pid_t ended;

			while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
				if (note_end(watch, ended, status))
					return;
		} else {
			pass_on(watch, &signal);
		}
	}
}

static void put_runtimes(FILE *out, uint32_t bits)
{
	fprintf(out, "  runtimes        ");
	for (int i = 0; i < RUNTIMES; i++)
		if (bits >> i & 1)
			fprintf(out, " %s", runtime_name(i));
	fprintf(out, "%s\n", bits ? "" : " none that is known");
}

static void tell_threads(FILE *out, const struct record *record)
{
	if (!record) {
		fprintf(out, "  threads          not known: no shared memory for the ledger\n");
		return;
	}
	put_runtimes(out, atomic_load(&record->runtimes));
	fprintf(out, "  BLAS threads     asked for %u, given at most %u, in one process\n",
		atomic_load(&record->asked), atomic_load(&record->given));
	fprintf(out, "  threads started  %u, by all processes together\n",
		atomic_load(&record->started));
}

static void tell_fence(FILE *out, const struct job *job, const struct watch *watch)
{
	struct warden_story story;
	char cpus[128];

	fprintf(out, "  fence            ");
	if (job->scoped) {
		fprintf(out, "a quota, held by systemd\n");
		return;
	}
	if (!watch->warden) {
		fprintf(out, "none\n");
		return;
	}
	story = warden_story(watch->warden);
	if (story.times)
		fprintf(out, "%d %s, first after %.2f s, %.2f s in all, on CPU %s: %s\n",
			story.times, story.times > 1 ? "times" : "time", story.first_s,
			story.total_s, cpulist_text(&story.mask, cpus, sizeof cpus),
			excess_text(story.why));
	else
		fprintf(out, "not needed\n");
}

static void tell(FILE *out, const struct run *run, const struct job *job, const struct watch *watch,
		 const struct record *record)
{
	double wall_s = watch->end_s - watch->start_s, cpu_s;
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	cpu_s = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec
		+ 1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	say(out, "ration: %s: %.2f s", run->command[0], wall_s);
	putc('\n', out);
	fprintf(out, "  budget           %d of %d cores\n", job->cores, cpus_online());
	/* One there was, even if it had ended before the first look. */
	fprintf(out, "  processes        at most %d at once\n",
		tally.max.processes > 1 ? tally.max.processes : 1);
	tell_threads(out, record);
	fprintf(out, "  running threads  mean %.1f, at most %d in 95 %% of the time, peak %d\n",
		tally_mean(&tally), tally_quantile(&tally, 0.95), tally.max.running);
	tell_fence(out, job, watch);
	fprintf(out, "  CPU              %.2f s used of %.2f s granted (%.0f %%)\n", cpu_s,
		wall_s * job->cores, wall_s > 0 ? 100 * cpu_s / (wall_s * job->cores) : 0);
	if (tally.max.run_s > 0)
		fprintf(out, "  run queue        %.2f s waited for each second on a CPU\n",
			tally.max.wait_s / tally.max.run_s);
}

static FILE *open_report(const struct run *run)
{
	FILE *out = run->report_file ? fopen(run->report_file, "we") : stderr;

	if (!out)
		die(EXIT_OURS, "%s: %s", run->report_file, strerror(errno));
	return out;
}

static pid_t start(const struct run *run, const struct job *job, const struct warden_orders *orders,
		   const sigset_t *before)
{
	pid_t child = fork();

	if (child < 0)
		die(EXIT_OURS, "cannot fork: %s", strerror(errno));
	if (child == 0) {
		sigprocmask(SIG_SETMASK, before, NULL);
		if (orders && orders->placed)
			mask_set(0, &orders->place);
		run_exec(run, job);
	}
	return child;
}

/* The place is where its fence is in the end. */
static struct warden *begin_warden(struct warden_orders *orders)
{
	struct warden *warden;

	if (warden_open(&warden, orders) != 0)
		return NULL;
	if (orders->placed)
		orders->place = warden_story(warden).mask;
	return warden;
}

static void close_watch(struct watch *watch)
{
	if (watch->tree)
		tree_close(watch->tree);
	if (watch->warden)
		warden_close(watch->warden);
}

int run_report(const struct run *run, struct job *job, struct warden_orders *orders)
{
	static const int passed[] = { SIGCHLD, SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
				      SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGWINCH };
	FILE *out = open_report(run);
	struct ledger *ledger = ledger_open(job->ledger, true);
	struct record *record;
	struct watch watch = { .start_s = now_s() };
	sigset_t signals, before;

	if (!job->id || grant_is_place(job->id)) /* a report is about one command */
		job->id = ident_self();
	if (ledger && job->record < 0)
		job->record = ledger_record(ledger, job->id);
	record = job->record < 0 || !ledger ? NULL : &ledger->records[job->record];
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		sigaddset(&signals, passed[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	watch.witness = witness_post();
	if (orders)
		orders->job = job->id;
	if (orders)
		watch.warden = begin_warden(orders);
	watch.command = start(run, job, orders, &before);
	if (tree_open(&watch.tree, getpid()) != 0)
		watch.tree = NULL;
	follow(&watch, &signals);
	watch.end_s = now_s();
	witness_dismiss(watch.witness);
	tell(out, run, job, &watch, record);
	if (record && atomic_load(&record->job) == job->id)
		atomic_store(&record->job, 0);
	close_watch(&watch);
	if (fclose(out) != 0)
		die(EXIT_OURS, "%s: %s", run->report_file ? run->report_file : "stderr",
		    strerror(errno));
	return WIFSIGNALED(watch.status) ? 128 + WTERMSIG(watch.status) : WEXITSTATUS(watch.status);
}
