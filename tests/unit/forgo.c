/* SPDX-License-Identifier: MIT */
/* cli/forgo.c: what is given up fails, and what a watcher does goes on. Each in a child. */
#define _GNU_SOURCE
#include "cli/forgo.h"

#include "cli/procfile.h"
#include "core/fence.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static bool is_refused(long answer)
{
	return answer < 0 && errno == EPERM;
}

/* The number of the first that is not as it should be; 0: all are. */
static int try_refused(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };
	const char *mine = "/tmp/ration-forgo";

	return !is_refused(execv("/bin/true", argv))                                  ? 1
	       : !is_refused(fork())                                                  ? 2
	       : !is_refused(open(mine, O_WRONLY | O_CREAT | O_CLOEXEC, 0600))        ? 3
	       : !is_refused(open("/dev/null", O_RDWR | O_CLOEXEC))                   ? 4
	       : !is_refused(mkdir(mine, 0700))                                       ? 5
	       : !is_refused(unlink(mine))                                            ? 6
	       : !is_refused(rename(mine, "/tmp/ration-forgo-too"))                   ? 7
	       : !is_refused(chmod("/dev/null", 0600))                                ? 8
	       : !is_refused(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))          ? 9
	       : !is_refused(kill(getppid(), SIGCONT))                                ? 10
	       : !is_refused(syscall(SYS_ptrace, 0, 0, 0, 0))                         ? 11
	       : !is_refused(syscall(SYS_unshare, 0))                                 ? 12
	       : !is_refused(syscall(SYS_process_vm_writev, getpid(), 0, 0, 0, 0, 0)) ? 13
										      : 0;
}

static int try_kept(void)
{
	struct fences *fences = fence_open((uint32_t)getpid(), false);
	struct mask mask;
	char text[64];
	DIR *dir = opendir("/proc/self/task");
	uint64_t ns;

	return fences                                                  ? 1
	       : kill(getppid(), 0) != 0                               ? 2
	       : procfile_read("/proc/1/stat", text, sizeof text) == 0 ? 3
	       : !dir || !readdir(dir)                                 ? 4
	       : mask_get(0, &mask) != 0 || mask_set(0, &mask) != 0    ? 5
	       : ident_cpu_ns(getpid(), &ns) != 0                      ? 6
	       : write(STDERR_FILENO, "", 0) != 0                      ? 7
								       : 0;
}

static int in_child(int (*try)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		forgo_calls();
		_exit(try());
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

START_TEST(calls_that_are_given_up_fail)
{
	ck_assert_int_eq(in_child(try_refused), 0);
	ck_assert_int_ne(access("/tmp/ration-forgo", F_OK), 0);
}
END_TEST

START_TEST(what_a_watcher_does_goes_on)
{
	ck_assert_int_eq(in_child(try_kept), 0);
}
END_TEST

START_TEST(rights_are_those_that_are_kept)
{
	char status[4096], wanted[64];
	unsigned long long before;

	ck_assert_uint_gt(procfile_read("/proc/self/status", status, sizeof status), 0);
	before = strtoull(strstr(status, "CapPrm:") + 8, NULL, 16);
	forgo_rights(1ull << 23 | 1ull << 19);
	snprintf(wanted, sizeof wanted, "CapEff:\t%016llx\n", before & (1ull << 23 | 1ull << 19));
	ck_assert_uint_gt(procfile_read("/proc/self/status", status, sizeof status), 0);
	ck_assert_msg(strstr(status, wanted) != NULL, "%s not in %s", wanted, status);
	forgo_rights(0);
	procfile_read("/proc/self/status", status, sizeof status);
	ck_assert(strstr(status, "CapEff:\t0000000000000000\n") != NULL);
	ck_assert(strstr(status, "CapPrm:\t0000000000000000\n") != NULL);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { calls_that_are_given_up_fail, what_a_watcher_does_goes_on,
				 rights_are_those_that_are_kept };

	return unit_run("forgo", tests, UNIT_COUNT(tests));
}
