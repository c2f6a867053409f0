/* SPDX-License-Identifier: MIT */
/*
 * cli/tree.c: processes started here, counted by it. Each settles into its state in
 * its own time, so a count is awaited; one that never comes fails.
 */
#define _GNU_SOURCE
#include "cli/tree.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

static struct tree *tree;

static struct tree_sample look(void)
{
	struct tree_sample sample;

	ck_assert_int_eq(tree_sample(tree, &sample), 0);
	return sample;
}

static void begin(void)
{
	ck_assert_int_eq(tree_open(&tree, getpid()), 0);
	ck_assert_int_eq(look().processes, 0);
}

static void expect(int processes, int tasks, int running)
{
	struct tree_sample sample = look();

	for (int i = 0; i < 2000; i++) {
		if (sample.processes == processes && sample.tasks == tasks
		    && sample.running == running)
			return;
		unit_sleep_ms(1);
		sample = look();
	}
	ck_abort_msg("%d processes, %d tasks, %d running; not %d, %d, %d", sample.processes,
		     sample.tasks, sample.running, processes, tasks, running);
}

START_TEST(those_who_run_and_those_who_wait)
{
	pid_t spinning[2], waiting;

	begin();
	spinning[0] = unit_child(unit_spin, NULL);
	spinning[1] = unit_child(unit_spin, NULL);
	waiting = unit_child(unit_wait, NULL);
	expect(3, 3, 2);
	ck_assert_int_eq(look().computing, 2);
	kill(spinning[0], SIGSTOP);
	expect(3, 3, 1);
	ck_assert_int_eq(look().computing, 1);
	unit_end(spinning[0]);
	expect(2, 2, 1);
	unit_end(spinning[1]);
	unit_end(waiting);
	expect(0, 0, 0);
	tree_close(tree);
}
END_TEST

/* How many threads a process has, as the kernel says: a sanitizer may add one of its own. */
static int threads_of(pid_t pid)
{
	char path[32], line[128];
	int threads = 0;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	status = fopen(path, "r");
	while (status && fgets(line, sizeof line, status))
		if (sscanf(line, "Threads: %d", &threads) == 1)
			break;
	if (status)
		fclose(status);
	return threads;
}

static void *spin_in_thread(void *unused)
{
	unit_spin(unused);
	return NULL;
}

static void spin_threads(void *ready)
{
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, spin_in_thread, NULL);
	*(volatile int *)ready = 1;
	unit_wait(NULL);
}

START_TEST(threads_are_counted_each)
{
	volatile int *ready =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	ck_assert(ready != MAP_FAILED);
	begin();
	child = unit_child(spin_threads, (void *)ready);
	while (!*ready)
		unit_sleep_ms(1);
	ck_assert_int_ge(threads_of(child), 4);
	expect(1, threads_of(child), 3);
	ck_assert_int_eq(look().computing, 1);
	unit_end(child);
	tree_close(tree);
}
END_TEST

static void have_children(void *unused)
{
	unit_child(unit_wait, NULL);
	unit_child(unit_spin, NULL);
	unit_wait(unused);
}

static void have_grandchildren(void *unused)
{
	unit_child(have_children, NULL);
	unit_wait(unused);
}

START_TEST(all_who_descend_count_the_root_does_not)
{
	pid_t top;

	begin();
	top = unit_child(have_grandchildren, NULL);
	expect(4, 4, 1);
	unit_end(top); /* and with it, by PR_SET_PDEATHSIG, the others */
	tree_close(tree);
}
END_TEST

static void leave_an_orphan(void *unused)
{
	(void)unused;
	if (fork() == 0)
		unit_spin(NULL);
}

START_TEST(a_subreaper_sees_its_orphans)
{
	pid_t parent;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	begin();
	parent = unit_child(leave_an_orphan, NULL);
	ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
	expect(1, 1, 1);
	tree_close(tree);
}
END_TEST

static void do_nothing(void *unused)
{
	(void)unused;
}

START_TEST(a_zombie_is_not_alive)
{
	pid_t child;
	siginfo_t info;

	begin();
	child = unit_child(do_nothing, NULL);
	ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(look().processes, 0);
	ck_assert_int_eq(look().tasks, 0);
	unit_end(child);
	tree_close(tree);
}
END_TEST

START_TEST(no_program_name_confuses)
{
	static const char *const names[] = { ") R 1 (", "a b", "))))", "x\n) R 1" };
	pid_t child;

	begin();
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		prctl(PR_SET_NAME, names[i]);
		child = unit_child(unit_wait, NULL);
		expect(1, 1, 0);
		unit_end(child);
	}
	tree_close(tree);
}
END_TEST

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec
	       + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* What was seen of them, together, and nothing twice; what the kernel says is the judge. */
START_TEST(their_time_is_that_of_the_kernel)
{
	double before = cpu_s(), ran = 0;
	pid_t children[3];

	begin();
	for (int i = 0; i < 3; i++)
		children[i] = unit_child(unit_spin, NULL);
	while (look().run_s < 0.3)
		unit_sleep_ms(5);
	for (int i = 0; i < 3; i++) {
		siginfo_t info;

		kill(children[i], SIGKILL);
		ck_assert_int_eq(waitid(P_PID, (id_t)children[i], &info, WEXITED | WNOWAIT), 0);
	}
	ran = look().run_s;
	for (int i = 0; i < 3; i++)
		unit_end(children[i]);
	ck_assert_double_eq_tol(ran, cpu_s() - before, 0.05);
	ck_assert_double_ge(look().run_s, ran); /* the dead keep what they had */
	ck_assert_double_le(look().run_s, ran);
	if (access("/proc/self/schedstat", R_OK) == 0)
		ck_assert_double_gt(look().wait_s, 0);
	tree_close(tree);
}
END_TEST

START_TEST(what_cannot_be_is_said)
{
	pid_t child = unit_child(do_nothing, NULL);
	struct tree_sample sample = { .tasks = 77 };

	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(tree_open(&tree, child), -ESRCH);
	child = unit_child(unit_wait, NULL);
	ck_assert_int_eq(tree_open(&tree, child), 0);
	unit_end(child);
	ck_assert_int_lt(tree_sample(tree, &sample), 0);
	ck_assert_int_eq(sample.tasks, 77);
	tree_close(tree);
	tree_close(NULL);
}
END_TEST

START_TEST(short_of_descriptors_it_says_so_and_recovers)
{
	struct rlimit files, few;
	struct tree_sample sample = { .tasks = 77 };
	pid_t child;

	begin();
	child = unit_child(unit_wait, NULL);
	expect(1, 1, 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	few = (struct rlimit){ .rlim_cur = 0, .rlim_max = files.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(tree_sample(tree, &sample), -EMFILE);
	ck_assert_int_eq(sample.tasks, 77);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	expect(1, 1, 0);
	unit_end(child);
	tree_close(tree);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		those_who_run_and_those_who_wait,
		threads_are_counted_each,
		all_who_descend_count_the_root_does_not,
		a_subreaper_sees_its_orphans,
		a_zombie_is_not_alive,
		no_program_name_confuses,
		their_time_is_that_of_the_kernel,
		what_cannot_be_is_said,
		short_of_descriptors_it_says_so_and_recovers,
	};

	return unit_run("tree", tests, UNIT_COUNT(tests));
}
