/* SPDX-License-Identifier: MIT */
/*
 * rationctl doctor: run a command under ration, and say which runtimes its processes had
 * loaded, from where, and how each is governed. Seen from outside, in /proc/PID/maps: what
 * lived for less than a look is missed, and the command notices nothing.
 */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "cli/run.h"
#include "cli/say.h"
#include "cli/table.h"
#include "core/ident.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 50, FOUND = 256 };

static const struct kind {
	const char *part;       /* of a file's name */
	const char *name, *how; /* NULL: as the shim in it says */
} kinds[] = {
	{ "openblas", "OpenBLAS", NULL },
	{ "libgomp", "OpenMP (GCC)", "at first contact; Python: live" },
	{ "libomp.so", "OpenMP (LLVM)", "at first contact; Python: live" },
	{ "libomp5", "OpenMP (LLVM)", "at first contact; Python: live" },
	{ "libiomp5", "OpenMP (Intel)", "at first contact; Python: live" },
	{ "libmkl_intel_thread", "MKL", NULL },
	{ "libmkl_gnu_thread", "MKL", NULL },
	{ "libmkl_tbb_thread", "MKL", "as its TBB" },
	{ "libtorch_cpu", "torch", "as its OpenMP; MKL in it: every call" },
	{ "libblis", "BLIS", NULL },
	{ "/blis-", "BLIS", NULL }, /* Debian's, by the name of any BLAS */
	{ "libtbb.so", "TBB", "at any time" },
	{ "/numexpr/interpreter", "numexpr", "Python: live" },
	{ "/ufunc/omppool", "numba", "at launch; as its OpenMP" },
	{ "/ufunc/tbbpool", "numba", "at load; as its TBB" },
	{ "/ufunc/workqueue", "numba", "at launch" },
	{ "polars_runtime", "polars", "at load" },
	{ "libjvm.so", "Java", "at load" },
	{ "libjulia.so", "Julia", "at load" },
	{ "/libblas", "BLAS", NULL },
	{ "/libcblas", "BLAS", NULL },
	{ "/libflexiblas", "BLAS", NULL },
	{ "/liblapack", "LAPACK", NULL },
	{ "/libsatlas", "BLAS", NULL },
	{ "/libtatlas", "BLAS", NULL },
	{ "/libarmpl", "BLAS", NULL },
	{ "/libsci_", "BLAS", NULL },
	{ "libration.so", NULL, NULL }, /* ourselves: such a process is a guest */
};

static struct found {
	const struct kind *kind;
	enum level level; /* of those whose kind does not say it: the most that was seen */
	char path[PATH_MAX];
} found[FOUND];
static int count;

static const struct kind *kind_of(const char *path)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strstr(path, kinds[i].part))
			return &kinds[i];
	return NULL;
}

static void keep(const struct kind *kind, enum level level, const char *path)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(found[i].path, path) != 0)
			continue;
		if (level > found[i].level)
			found[i].level = level;
		return;
	}
	if (count == FOUND)
		return;
	found[count].kind = kind;
	found[count].level = level;
	snprintf(found[count++].path, PATH_MAX, "%s", path);
}

/* Programs that carry no shim: static, setuid, or begun with an environment of their own. */
static void keep_stranger(int pid)
{
	static const struct kind stranger = { "", "-", "not governed: it carries no shim" };
	char link[32], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/%d/exe", pid);
	length = readlink(link, path, sizeof path - 1);
	if (length <= 0)
		return;
	path[length] = '\0';
	if (!strcmp(basename(path), "ration") || !strcmp(basename(path), "rationctl"))
		return; /* on the way to the command */
	keep(&stranger, LEVEL_NONE, path);
}

/* What the shim in that process has said of the library that begins there. */
static enum level level_of(int pid, uintptr_t low)
{
	struct ledger *ledger = rows_copy(geteuid(), ctl_ledger_name());
	enum level level = LEVEL_NONE;

	for (int i = 0; ledger && i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];

		if (ident_pid(atomic_load(&row->owner)) != pid)
			continue;
		for (int k = 0; k < LEDGER_MET; k++) {
			uint32_t met = atomic_load(&row->met[k]);

			if (met && (met ^ ledger_met(low, LEVEL_NONE)) < 4)
				level = (enum level)(met & 3);
		}
	}
	free(ledger);
	return level;
}

static void look_at(int pid)
{
	char file[32], line[PATH_MAX + 128];
	bool guest = false, any = false;
	FILE *maps;

	snprintf(file, sizeof file, "/proc/%d/maps", pid);
	maps = fopen(file, "re");
	while (maps && fgets(line, sizeof line, maps)) {
		const char *path = strchr(line, '/');
		const struct kind *kind = path ? kind_of(path) : NULL;

		any = true;
		line[strcspn(line, "\n")] = '\0';
		if (kind && kind->name)
			keep(kind, level_of(pid, strtoul(line, NULL, 16)), path);
		guest |= kind && !kind->name;
	}
	if (maps)
		fclose(maps);
	if (any && !guest)
		keep_stranger(pid);
}

static void look_below(int pid)
{
	char file[64], text[16];
	int child;
	FILE *children;

	snprintf(file, sizeof file, "/proc/%d/task/%d/children", pid, pid);
	children = fopen(file, "re");
	while (children && fscanf(children, "%15s", text) == 1) {
		child = atoi(text);
		look_at(child);
		look_below(child);
	}
	if (children)
		fclose(children);
}

static pid_t start(void)
{
	char ration[PATH_MAX], **argv = ctl_orders.command;
	ssize_t length = readlink("/proc/self/exe", ration, sizeof ration - 16);
	pid_t child = fork();

	if (child < 0)
		die(CTL_TROUBLE, "cannot fork: %s", strerror(errno));
	if (child > 0)
		return child;
	ration[length > 0 ? length : 0] = '\0';
	snprintf(strrchr(ration, '/') ? strrchr(ration, '/') + 1 : ration, 8, "ration");
	argv[-1] = ration; /* what stands there is "doctor", or "--" */
	execv(ration, argv - 1);
	die(EXIT_OURS, "%s: %s", ration, strerror(errno));
}

static int run(void)
{
	static const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000 };
	enum table_state state;
	int status = 0;
	pid_t child;

	if (!ctl_orders.command)
		die(CTL_TROUBLE, "doctor: give a command to run");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = start();
	while (waitpid(child, &status, WNOHANG) == 0) {
		look_below(getpid());
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < count; i++) {
		const struct kind *kind = found[i].kind;

		printf("%-14s  %-38s  ", kind->name,
		       kind->how ? kind->how : ledger_level_text(found[i].level));
		ctl_put_text(stdout, found[i].path);
		putchar('\n');
	}
	if (!count)
		puts("no runtime that is known was seen");
	state = table_state();
	if (state == TABLE_OLD || state == TABLE_BAD)
		puts(table_state_text(state));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CTL_DONE : CTL_NO;
}

const struct ctl_action ctl_doctor = {
	.name = "doctor",
	.operand = "COMMAND...",
	.summary = "run a command, and say which runtimes it loads and how each is governed",
	.help = "A line for each at the end: its name, how, and the file. How: every call; at\n"
		"first contact (each thread once, before its first parallel region); live (also\n"
		"between two steps of Python's interpreter); at load. 1: the command failed.\n",
	.options = CTL_COMMAND,
	.run = run,
};
