/* SPDX-License-Identifier: MIT */
/*
 * invert - invert random matrices with LAPACK in a pool of forked workers.
 * A plain program that knows nothing of ration: a worker takes the next item from a counter in
 * shared memory and sends what came of it through a pipe; the parent only draws the progress bar.
 * Its law: it ends well only if every item was inverted and its inverse was right.
 */
#define _GNU_SOURCE
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <lapacke.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* OpenBLAS declares it in its own cblas.h, which is not the cblas.h of every machine. */
extern void openblas_set_num_threads(int threads);

#define ERROR_MOST 1e-6
#define BAR_WIDTH  40
#define NOTHING    (-1)

static const char help[] =
	"usage: invert [-n N] [-i ITEMS] [-p POOL] [-t THREADS]\n"
	"\n"
	"Inverts ITEMS random N x N matrices (LAPACKE_dgetrf, LAPACKE_dgetri) in POOL processes.\n"
	"\n"
	"  -n N        rows of a matrix (1200); a worker needs 16 N^2 bytes\n"
	"  -i ITEMS    how many matrices (48)\n"
	"  -p POOL     how many workers (6)\n"
	"  -t THREADS  calls openblas_set_num_threads(THREADS); without it the environment rules\n"
	"  -h, --help  this text\n"
	"\n"
	"Exit status: 0 all inverted and right, 1 a wrong result or a dead worker, 125 else.\n";

static int opt_size = 1200, opt_items = 48, opt_pool = 6, opt_threads;

struct result {
	int item;
	double error; /* |A X v - v| / |v| for a random v; not a number if LAPACK gave up */
};

/* Shared by parent and workers. */
struct shared {
	atomic_int next;    /* the next item to take */
	atomic_int holds[]; /* by each worker: the item in its hands, or NOTHING */
};

static struct shared *shared;
static pid_t *workers;

static double clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

/* splitmix64 (Steele, Lea, Flood 2014), to a double from -0.5 to 0.5. */
static double random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return ((z ^ z >> 31) >> 11) * 0x1p-53 - 0.5;
}

static void random_fill(double *x, size_t count, uint64_t *state)
{
	size_t i;

	for (i = 0; i < count; i++)
		x[i] = random_next(state);
}

/* y = A x, by columns: with no BLAS, so that the check does not rest on what it checks. */
static void multiply(const double *a, const double *x, double *y, int n)
{
	int row, column;

	memset(y, 0, n * sizeof(*y));
	for (column = 0; column < n; column++)
		for (row = 0; row < n; row++)
			y[row] += a[(size_t)column * n + row] * x[column];
}

static double relative_error(const double *a, const double *inverse, double *v, int n,
			     uint64_t *state)
{
	double *once = v + n, *twice = v + 2 * (size_t)n, off = 0, length = 0;
	int i;

	random_fill(v, n, state);
	multiply(inverse, v, once, n);
	multiply(a, once, twice, n);
	for (i = 0; i < n; i++) {
		off += (twice[i] - v[i]) * (twice[i] - v[i]);
		length += v[i] * v[i];
	}
	return sqrt(off / length);
}

static double invert(int item, double *a, double *inverse, double *vectors, lapack_int *pivots)
{
	const int n = opt_size;
	const size_t count = (size_t)n * n;
	uint64_t state = item;

	random_fill(a, count, &state);
	memcpy(inverse, a, count * sizeof(*a));
	if (LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, inverse, n, pivots) != 0
	    || LAPACKE_dgetri(LAPACK_COL_MAJOR, n, inverse, n, pivots) != 0)
		return NAN;
	return relative_error(a, inverse, vectors, n, &state);
}

static void work(int self, int pipe_end)
{
	size_t n = opt_size;
	double *a = malloc(n * n * sizeof(*a)), *inverse = malloc(n * n * sizeof(*inverse));
	double *vectors = malloc(3 * n * sizeof(*vectors));
	lapack_int *pivots = malloc(n * sizeof(*pivots));
	struct result result;

	if (!a || !inverse || !vectors || !pivots)
		die(EXIT_OURS, "no memory for two matrices of %zu x %zu", n, n);
	while ((result.item = atomic_fetch_add(&shared->next, 1)) < opt_items) {
		shared->holds[self] = result.item;
		result.error = invert(result.item, a, inverse, vectors, pivots);
		if (write(pipe_end, &result, sizeof(result)) != sizeof(result))
			die(EXIT_OURS, "cannot send a result: %s", strerror(errno));
		shared->holds[self] = NOTHING;
	}
	free(a);
	free(inverse);
	free(vectors);
	free(pivots);
}

/* The workers end with the parent, however that ends. Returns the reading end of their pipe. */
static int start_workers(void)
{
	pid_t parent = getpid();
	int ends[2], i;

	if (pipe2(ends, O_CLOEXEC) != 0)
		die(EXIT_OURS, "cannot make a pipe: %s", strerror(errno));
	for (i = 0; i < opt_pool; i++) {
		shared->holds[i] = NOTHING;
		workers[i] = fork();
		if (workers[i] < 0)
			die(EXIT_OURS, "cannot fork: %s", strerror(errno));
		if (workers[i] > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(EXIT_OURS);
		close(ends[0]);
		work(i, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* What stands before a message: it takes the place of the bar, if there is one. */
static const char *no_bar(void)
{
	return isatty(STDERR_FILENO) ? "\r\033[K" : "";
}

static void draw_bar(int done, double start)
{
	static const char full[] = "########################################";
	int filled = (long)BAR_WIDTH * done / opt_items;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r[%-*.*s] %d/%d  %.1f s", BAR_WIDTH, filled, full, done, opt_items,
		clock_s() - start);
}

/* Until the last worker has closed its end. Returns how many items were right. */
static int collect(int pipe_end, double start, double *worst)
{
	struct result result;
	int done = 0, right = 0;

	draw_bar(0, start);
	while (read(pipe_end, &result, sizeof(result)) == sizeof(result)) {
		draw_bar(++done, start);
		if (result.error <= ERROR_MOST)
			right++;
		else
			fprintf(stderr, "%sinvert: item %d is wrong: error %g\n", no_bar(),
				result.item, result.error);
		*worst = result.error > *worst ? result.error : *worst;
	}
	fputs(no_bar(), stderr);
	close(pipe_end);
	return right;
}

/* How many did not end well; says of each what happened to it. */
static int reap_workers(void)
{
	int i, how, failed = 0;

	for (i = 0; i < opt_pool; i++) {
		waitpid(workers[i], &how, 0);
		if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
			continue;
		failed++;
		fprintf(stderr, "invert: worker %d ", (int)workers[i]);
		if (WIFSIGNALED(how))
			fprintf(stderr, "was killed by signal %d (%s)", WTERMSIG(how),
				strsignal(WTERMSIG(how)));
		else
			fprintf(stderr, "ended with status %d", WEXITSTATUS(how));
		if (shared->holds[i] != NOTHING)
			fprintf(stderr, ", item %d in its hands", shared->holds[i]);
		fputc('\n', stderr);
	}
	return failed;
}

static int number(const char *text, char option)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 1 || value > 46340) /* N x N is still a lapack_int */
		die(EXIT_OURS, "-%c %s: must be a number from 1 to 46340", option, text);
	return value;
}

static void parse(int argc, char **argv)
{
	static const struct option longer[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt;

	while ((opt = getopt_long(argc, argv, "n:i:p:t:h", longer, NULL)) != -1) {
		if (opt == 'h')
			exit(printf("%s", help) < 0 || fflush(stdout) ? EXIT_OURS : 0);
		if (opt == '?')
			exit(EXIT_OURS);
		*(opt == 'n'   ? &opt_size
		  : opt == 'i' ? &opt_items
		  : opt == 'p' ? &opt_pool
			       : &opt_threads) = number(optarg, opt);
	}
	if (optind < argc)
		die(EXIT_OURS, "%s: no arguments are taken; invert --help says more", argv[optind]);
}

int main(int argc, char **argv)
{
	double start = clock_s(), worst = 0;
	size_t size;
	int right, failed;

	parse(argc, argv);
	size = sizeof(*shared) + opt_pool * sizeof(shared->holds[0]);
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	workers = calloc(opt_pool, sizeof(*workers));
	if (shared == MAP_FAILED || !workers)
		die(EXIT_OURS, "no memory");
	if (opt_threads)
		openblas_set_num_threads(opt_threads);

	right = collect(start_workers(), start, &worst);
	failed = reap_workers();
	printf("%d of %d matrices of %d x %d in %.2f s, error %.1e\n", right, opt_items, opt_size,
	       opt_size, clock_s() - start, worst);
	return right == opt_items && !failed ? 0 : 1;
}
