/* SPDX-License-Identifier: MIT */
/*
 * watch - run a command and count, from outside, how many of its threads want a CPU.
 * It changes nothing in the command but its parent: same input and output, same signals, and its
 * exit status is ours. All figures are of this tree alone; only the waiting depends on what else
 * the machine does.
 */
#define _GNU_SOURCE
#include "cli/say.h"
#include "cli/tally.h"
#include "cli/tree.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: watch [-i MS] [-o SAMPLES.tsv] [-s SUMMARY] [-b BUDGET] [--] COMMAND [ARG]...\n"
	"\n"
	"Runs COMMAND, looks at its processes and their threads every 10 ms (less often where\n"
	"that would take more than a fifth of a CPU: 70 threads and more), and at the end writes\n"
	"one line of name=value to stderr. Exits with COMMAND's status (128+N if signal N ended\n"
	"it), 125 if watch itself failed, 126 or 127 if COMMAND could not be run or found.\n"
	"\n"
	"  -i MS       look every MS milliseconds (10; 0.5 and more)\n"
	"  -o FILE     write the samples to FILE, tab-separated: t_s processes tasks running\n"
	"              computing; the last are processes with a running thread\n"
	"  -s FILE     write the line to FILE, not to stderr\n"
	"  -b BUDGET   cores the command should keep to: adds budget= and over=\n"
	"  -h, --help  this text\n"
	"\n"
	"wall_s            from the start of COMMAND to its end\n"
	"cpu_s             used by all processes that were waited for; user_s + sys_s\n"
	"nvcsw nivcsw      times one of them gave up its CPU, times it was taken away\n"
	"procs_max         processes at once, COMMAND's own included\n"
	"tasks_max         threads at once, idle ones included\n"
	"r_mean r_p50 r_p95 r_max   running threads: in state R, on a CPU or waiting for one.\n"
	"                  Each sample counts for the time to the next one: r_p95 was not\n"
	"                  exceeded in 95 % of the time\n"
	"over              part of the time with more than BUDGET threads running, 0 to 1\n"
	"run_s wait_s      time on a CPU and in a run queue, all threads together (schedstat; a\n"
	"                  thread's last moments, up to one interval, are missed)\n"
	"wait_per_run      wait_s / run_s: 0 is no overload, 1 is two threads for each CPU. It\n"
	"                  grows with the load that others put on the machine, r_* does not\n"
	"left              processes still there when COMMAND ended\n"
	"samples sample_ms gap_ms_max   how many, what one cost, the longest time between two\n"
	"status            COMMAND's exit status, as watch's\n";

static double opt_interval_s = 0.010;
static double opt_budget;
static const char *opt_samples, *opt_summary;

static struct tally tally;
static double start_s, end_s, cost_s; /* of the run; the cost of all samples together */

static double clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

static void take_sample(struct tree *tree, FILE *out)
{
	struct tree_sample seen;
	double now = clock_s();

	/* Short of memory or descriptors for a moment: the last sample holds a little longer. */
	if (tree_sample(tree, &seen) != 0)
		return;
	tally_add(&tally, &seen, now);
	if (out)
		fprintf(out, "%.4f\t%d\t%d\t%d\t%d\n", now - start_s, seen.processes, seen.tasks,
			seen.running, seen.computing);
	cost_s += clock_s() - now;
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec * 1e-6;
}

static void summarise(FILE *out, int status)
{
	const struct tree_sample *most = &tally.max, *last = &tally.now;
	struct rusage use;
	double user_s, sys_s;

	getrusage(RUSAGE_CHILDREN, &use);
	user_s = seconds(use.ru_utime);
	sys_s = seconds(use.ru_stime);
	fprintf(out, "wall_s=%.3f cpu_s=%.3f user_s=%.3f sys_s=%.3f", end_s - start_s,
		user_s + sys_s, user_s, sys_s);
	fprintf(out, " procs_max=%d tasks_max=%d r_mean=%.2f r_p50=%d r_p95=%d r_max=%d",
		most->processes, most->tasks, tally_mean(&tally), tally_quantile(&tally, 0.5),
		tally_quantile(&tally, 0.95), most->running);
	if (opt_budget > 0)
		fprintf(out, " budget=%g over=%.3f", opt_budget, tally_over(&tally, opt_budget));
	fprintf(out, " run_s=%.3f wait_s=%.3f wait_per_run=%.3f", last->run_s, last->wait_s,
		last->run_s > 0 ? last->wait_s / last->run_s : 0);
	fprintf(out, " nvcsw=%ld nivcsw=%ld left=%d samples=%ld sample_ms=%.3f gap_ms_max=%.1f",
		use.ru_nvcsw, use.ru_nivcsw, last->processes, tally.samples,
		1e3 * cost_s / tally.samples, 1e3 * tally.gap_max_s);
	fprintf(out, " status=%d\n", status);
}

/* Clears away what has ended. True, and its status as a shell has it, if that is the command. */
static bool reap(pid_t command, int *status)
{
	bool ended = false;
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		ended = true;
		*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	}
	return ended;
}

/* A key typed at the terminal has reached the command too; what was sent to us alone goes on. */
static void pass_on(pid_t command, const siginfo_t *signal)
{
	if (signal->si_signo != SIGCHLD && signal->si_code != SI_KERNEL)
		kill(command, signal->si_signo);
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* Until then, or until the command ends: the signals are blocked, and wake us one by one. */
static void wait_until(double then, pid_t command, const sigset_t *signals)
{
	struct timespec wait;
	siginfo_t got;
	double rest;

	while (!has_ended(command) && (rest = then - clock_s()) > 0) {
		wait.tv_sec = rest;
		wait.tv_nsec = (rest - floor(rest)) * 1e9;
		if (sigtimedwait(signals, &got, &wait) > 0)
			pass_on(command, &got);
	}
}

/*
 * Returns the command's status. It is looked at once more when it has ended and before it is
 * cleared away: its times are complete then.
 */
static int follow(struct tree *tree, pid_t command, const sigset_t *signals, FILE *out)
{
	double next = start_s;
	int status = EXIT_OURS;
	bool ended;

	for (;;) {
		ended = has_ended(command);
		end_s = clock_s();
		take_sample(tree, out);
		if (reap(command, &status) || ended)
			break;
		/* However large the tree is: at most a fifth of a CPU goes into looking at it. */
		next = fmax(next + opt_interval_s, end_s + 5 * (clock_s() - end_s));
		wait_until(next, command, signals);
	}
	return status;
}

static pid_t start(char **argv, const sigset_t *signals)
{
	sigset_t before;
	pid_t pid;

	sigprocmask(SIG_BLOCK, signals, &before);
	start_s = clock_s();
	pid = fork();
	if (pid < 0)
		die(EXIT_OURS, "cannot fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	sigprocmask(SIG_SETMASK, &before, NULL);
	execvp(argv[0], argv);
	die(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "%s: %s", argv[0], strerror(errno));
}

static FILE *open_output(const char *path, FILE *otherwise)
{
	FILE *file = path ? fopen(path, "we") : otherwise;

	if (path && !file)
		die(EXIT_OURS, "%s: %s", path, strerror(errno));
	return file;
}

static void close_output(const char *path, FILE *file)
{
	if (path && (ferror(file) | fclose(file)) != 0)
		die(EXIT_OURS, "%s: cannot write", path);
}

static double number(const char *text, const char *what, double least)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= least && value < 1e6))
		die(EXIT_OURS, "%s: %s must be a number, %g or more", text, what, least);
	return value;
}

static void parse(int argc, char **argv)
{
	static const struct option longer[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt;

	while ((opt = getopt_long(argc, argv, "+i:o:s:b:h", longer, NULL)) != -1) {
		if (opt == 'i')
			opt_interval_s = number(optarg, "MS", 0.5) * 1e-3;
		else if (opt == 'o')
			opt_samples = optarg;
		else if (opt == 's')
			opt_summary = optarg;
		else if (opt == 'b')
			opt_budget = number(optarg, "BUDGET", 0.01);
		else if (opt == 'h')
			exit(printf("%s", help) < 0 || fflush(stdout) ? EXIT_OURS : 0);
		else
			exit(EXIT_OURS);
	}
	if (optind == argc)
		die(EXIT_OURS, "no COMMAND given; watch --help says more");
}

int main(int argc, char **argv)
{
	FILE *samples, *summary;
	struct tree *tree;
	sigset_t signals;
	int error, status;
	pid_t command;

	parse(argc, argv);
	samples = open_output(opt_samples, NULL);
	summary = open_output(opt_summary, stderr);
	if (samples)
		fputs("t_s\tprocesses\ttasks\trunning\tcomputing\n", samples);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = tree_open(&tree, getpid());
	if (error)
		die(EXIT_OURS, "cannot see the process tree: %s", strerror(-error));

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	fflush(NULL);
	command = start(argv + optind, &signals);
	status = follow(tree, command, &signals, samples);
	if (tally.samples == 0)
		die(EXIT_OURS, "could not look at the process tree even once");
	summarise(summary, status);
	close_output(opt_samples, samples);
	close_output(opt_summary, summary);
	tree_close(tree);
	return status;
}
