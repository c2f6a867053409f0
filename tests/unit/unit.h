/* SPDX-License-Identifier: MIT */
/*
 * Included by every unit test: TAP through Check, numbers that are the same in every
 * run, and child processes. Check runs each test in a process group of its own and
 * ends the group with it, so that nothing a test has started outlives it.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include "core/ident.h"

#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNIT_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* For loops: ck_assert writes a message wherever it passes (Check 0.15). */
#define UNIT_MUST(condition, ...) ((condition) ? (void)0 : ck_abort_msg(__VA_ARGS__))

/* Generous: a sanitizer, on a machine that others use, is some 20 times slower. */
enum { UNIT_LIMIT_S = 60 };

static inline int unit_run(const char *name, const TTest **tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *rules = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < count; i++)
		tcase_add_test(rules, tests[i]);
	tcase_set_timeout(rules, UNIT_LIMIT_S);
	suite_add_tcase(suite, rules);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* xorshift64star. From low to high, both included. */
static inline int unit_random(uint64_t *seed, int low, int high)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return low + (int)((*seed * 0x2545f4914f6cdd1du >> 33) % (uint64_t)(high - low + 1));
}

static inline void unit_sleep_ms(int ms)
{
	struct timespec rest = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	while (nanosleep(&rest, &rest) != 0)
		;
}

static inline void unit_spin(void *unused)
{
	(void)unused;
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static inline void unit_wait(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

/* A child that does work, and goes when the test does. */
static inline pid_t unit_child(void (*work)(void *), void *argument)
{
	pid_t parent = getpid(), pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		work(argument);
	_exit(0);
}

/* A child that does nothing, and has come to do it: on a busy machine that takes a while. */
static inline pid_t unit_idle_child(void)
{
	pid_t pid = unit_child(unit_wait, NULL);

	while (ident_is_busy(pid))
		usleep(1000);
	return pid;
}

static inline void unit_end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

#endif
