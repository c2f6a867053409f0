/* SPDX-License-Identifier: MIT */
/* core/ident.c against real processes: living, waiting, dead, undead and reborn. */
#define _GNU_SOURCE
#include "core/ident.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* What a process with this pid that said so long ago wrote. */
static uint64_t named(int pid, int64_t ago_ms)
{
	return ((ident_self() >> IDENT_PID_BITS) - (uint64_t)ago_ms) << IDENT_PID_BITS
	       | (uint64_t)pid;
}

static void await_state(pid_t pid, char wanted)
{
	char path[32], state = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	for (int i = 0; state != wanted; i++) {
		FILE *stat = fopen(path, "r");

		ck_assert(i < 5000 && stat);
		ck_assert_int_eq(fscanf(stat, "%*d (%*[^)]) %c", &state), 1);
		fclose(stat);
		unit_sleep_ms(1);
	}
}

START_TEST(a_name_holds_pid_and_time)
{
	struct timespec now;
	uint64_t self = ident_self(), now_ms;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	ck_assert_int_eq(ident_pid(self), getpid());
	ck_assert_uint_le(self >> IDENT_PID_BITS, now_ms);
	ck_assert_uint_ge((self >> IDENT_PID_BITS) + 5000, now_ms);
	ck_assert_int_eq(ident_pid(named((1 << IDENT_PID_BITS) - 1, 0)), (1 << IDENT_PID_BITS) - 1);
	unit_sleep_ms(3);
	ck_assert_uint_gt(ident_self(), self);
}
END_TEST

START_TEST(the_coarse_clock_is_the_same_clock)
{
	uint64_t before = ident_now_ms(), coarse = ident_coarse_ms();

	ck_assert_uint_le(coarse, ident_now_ms());
	ck_assert_uint_ge(coarse + 20, before); /* a tick: 10 ms at most, with HZ=100 */
}
END_TEST

static void name_at_birth(void *shared)
{
	*(volatile uint64_t *)shared = ident_self();
	unit_wait(NULL);
}

/* The kernel counts a start in ticks of 10 ms, we in ms: never may it seem to be the later. */
START_TEST(who_names_himself_at_birth_is_alive)
{
	volatile uint64_t *name =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 100; i++) {
		pid_t child;

		*name = 0;
		child = unit_child(name_at_birth, (void *)name);
		while (!*name)
			unit_sleep_ms(1);
		ck_assert_int_eq(ident_pid(*name), child);
		ck_assert(ident_alive(*name));
		unit_end(child);
		ck_assert(!ident_alive(*name));
	}
	ck_assert(ident_alive(ident_self()));
}
END_TEST

static void do_nothing(void *unused)
{
	(void)unused;
}

START_TEST(a_zombie_is_dead)
{
	pid_t child = unit_child(do_nothing, NULL);
	uint64_t name = named(child, 0), ns;

	await_state(child, 'Z');
	ck_assert_int_eq(kill(child, 0), 0); /* it answers, and so does its clock */
	ck_assert_int_eq(ident_cpu_ns(child, &ns), 0);
	ck_assert(!ident_alive(name));
	unit_end(child);
}
END_TEST

static void *outlive(void *unused)
{
	unit_wait(unused);
	return NULL;
}

static void leave_a_thread(void *unused)
{
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, outlive, NULL);
	syscall(SYS_exit, 0); /* this thread alone, as pthread_exit in main */
}

/* Its first thread is a zombie, as /proc has it; the others work on. */
START_TEST(who_left_main_is_alive)
{
	pid_t child = unit_child(leave_a_thread, NULL);

	await_state(child, 'Z');
	ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
	ck_assert(ident_alive(named(child, 0)));
	unit_end(child);
}
END_TEST

START_TEST(a_stopped_one_is_alive)
{
	pid_t child = unit_child(unit_wait, NULL);

	kill(child, SIGSTOP);
	await_state(child, 'T');
	ck_assert(ident_alive(named(child, 0)));
	unit_end(child);
}
END_TEST

START_TEST(no_program_name_confuses)
{
	static const char *const names[] = { ") Z 1 (", "a b", "((((", "))))", "x\n) X 1", "" };

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		prctl(PR_SET_NAME, names[i]);
		ck_assert(ident_alive(ident_self()));
		ck_assert(!ident_alive(named(getpid(), 60000)));
	}
}
END_TEST

/* By its time: said long before the process that has the pid now was started. */
START_TEST(an_earlier_owner_of_a_pid_is_dead)
{
	pid_t child = unit_child(unit_wait, NULL);

	ck_assert(ident_alive(named(child, 0)));
	ck_assert(!ident_alive(named(child, 1000)));
	ck_assert(!ident_alive(named(child, 100)));
	ck_assert(!ident_alive((uint64_t)child));
	unit_end(child);
}
END_TEST

static pid_t fork_as(pid_t pid)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		unit_wait(NULL);
	}
	return child;
}

/* The kernel gives a pid again: needs a right of root's; without it the test above has to do. */
START_TEST(a_pid_that_is_used_again_is_another)
{
	pid_t child = unit_child(unit_wait, NULL), again;
	uint64_t first = named(child, 0);

	unit_end(child);
	unit_sleep_ms(50);
	again = fork_as(child);
	if (again < 0) {
		ck_assert(errno == EPERM || errno == ENOSYS || errno == EEXIST);
		return;
	}
	ck_assert_int_eq(again, child);
	ck_assert(!ident_alive(first));
	ck_assert(ident_alive(named(again, 0)));
	unit_end(again);
}
END_TEST

/* Nobody's name, in a table where anyone can write. kill(0) means our own process group. */
START_TEST(nobody_is_not_alive)
{
	uint64_t now = ident_self() & ~(uint64_t)((1 << IDENT_PID_BITS) - 1);

	ck_assert(!ident_alive(0));
	ck_assert(!ident_alive(now));
	ck_assert(!ident_alive(UINT64_MAX << IDENT_PID_BITS));
	ck_assert(!ident_alive(now | ((1 << IDENT_PID_BITS) - 1)));
}
END_TEST

static void spin_as_nobody(void *unused)
{
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		_exit(1);
	unit_spin(unused);
}

/* Of root as well, as whom many a test runs: the child is another user then. */
START_TEST(the_clock_of_another_process)
{
	pid_t spinning = unit_child(spin_as_nobody, NULL), waiting = unit_child(unit_wait, NULL);
	uint64_t first, second, ns;

	await_state(waiting, 'S');
	ck_assert_int_eq(ident_cpu_ns(waiting, &first), 0);
	for (second = 0; second < 30000000; unit_sleep_ms(1))
		ck_assert_int_eq(ident_cpu_ns(spinning, &second), 0);
	ck_assert_int_eq(ident_cpu_ns(waiting, &ns), 0);
	ck_assert_uint_eq(ns, first);
	ck_assert_int_eq(ident_cpu_ns(spinning, &ns), 0);
	ck_assert_uint_ge(ns, second);
	unit_end(spinning);
	ck_assert_int_eq(ident_cpu_ns(spinning, &ns), -EINVAL);
	unit_end(waiting);
}
END_TEST

START_TEST(our_own_clock_is_the_process_clock)
{
	struct timespec now;
	uint64_t ns, after;

	ck_assert_int_eq(ident_cpu_ns(getpid(), &ns), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	after = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	ck_assert_uint_le(ns, after);
	ck_assert_uint_ge(ns + 1000000000, after);
}
END_TEST

START_TEST(a_namespace_is_a_number)
{
	struct stat space;

	ck_assert_int_eq(stat("/proc/self/ns/pid", &space), 0);
	ck_assert_uint_eq(ident_namespace(), (uint32_t)space.st_ino);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_name_holds_pid_and_time,
		the_coarse_clock_is_the_same_clock,
		who_names_himself_at_birth_is_alive,
		a_zombie_is_dead,
		who_left_main_is_alive,
		a_stopped_one_is_alive,
		no_program_name_confuses,
		an_earlier_owner_of_a_pid_is_dead,
		a_pid_that_is_used_again_is_another,
		nobody_is_not_alive,
		the_clock_of_another_process,
		our_own_clock_is_the_process_clock,
		a_namespace_is_a_number,
	};

	return unit_run("ident", tests, UNIT_COUNT(tests));
}
