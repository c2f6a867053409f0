/* SPDX-License-Identifier: MIT */
/*
 * An exec makes any child one that sends SIGCHLD and is found by wait(2), whatever its exit
 * signal was (Linux 6.18, fs/exec.c, de_thread). So the resolver is the child of a helper,
 * which never execs, has exit signal 0, and is seen with __WCLONE alone; what outlives the
 * helper is init's. Both share our memory, as after vfork, so that they cost the same in a
 * guest of any size: they touch nothing but their stacks, and no signal reaches them.
 */
#define _GNU_SOURCE
#include "shim/launch.h"

#include "core/cpus.h"
#include "core/env.h"
#include "core/ident.h"
#include "shim/elf.h"
#include "shim/real.h"
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STACK_SIZE = 64 << 10, PLACES = 3, CLOSE_MOST = 1 << 16 };
enum { CANNOT_RUN = 127, UNDONE = 126 }; /* statuses of the helper that no resolver has */
enum { KEEP_MS = 50 /* longer, for one that must not outlive the helper */ };

struct launch {
	char path[PLACES][PATH_MAX]; /* "": none */
	char online[16];
	char *argv[4];
	char *envp[8];
	char *stack; /* of the resolver, until its exec */
	int wait_ms;
	bool keep; /* nobody else may inherit it */
};

/* Without close_range (Linux before 5.9) one by one, if they are not too many. */
static bool close_all(void)
{
	struct rlimit most;

	if (syscall(SYS_close_range, 0u, ~0u, 0u) == 0)
		return true;
	if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &most) != 0
	    || most.rlim_cur > CLOSE_MOST)
		return false;
	for (int fd = 0; fd < (int)most.rlim_cur; fd++)
		close(fd);
	return true;
}

static int become_resolver(void *arg)
{
	const struct launch *launch = arg;

	for (int i = 0; i < PLACES; i++)
		if (launch->path[i][0] == '/')
			syscall(SYS_execve, launch->path[i], launch->argv, launch->envp);
	return CANNOT_RUN;
}

/* Its status. One that takes too long is left alone, or ended where we would inherit it. */
static int wait_for(int pid, const struct launch *launch)
{
	uint64_t start_ms = ident_now_ms();
	int status = 0, got;

	while ((got = REAL(waitpid)(pid, &status, WNOHANG)) == 0) {
		if (ident_now_ms() - start_ms >= (uint64_t)launch->wait_ms && !launch->keep)
			return UNDONE;
		if (ident_now_ms() - start_ms >= (uint64_t)launch->wait_ms + KEEP_MS)
			syscall(SYS_kill, pid, SIGKILL);
		nanosleep(&(struct timespec){ .tv_nsec = 250000 }, NULL);
	}
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT_RUN;
}

static int help(void *arg)
{
	struct launch *launch = arg;
	unsigned long sigchld[4] = { 0 }; /* the kernel's sigaction: SIG_DFL */
	int pid;

	syscall(SYS_rt_sigaction, SIGCHLD, sigchld, NULL, sizeof(unsigned long));
	if (!close_all())
		return CANNOT_RUN;
	for (int fd = 0; fd < 3; fd++)
		if (open("/dev/null", O_RDWR) != fd)
			return CANNOT_RUN;
	pid = REAL(clone)(become_resolver, launch->stack, CLONE_VM | CLONE_VFORK | SIGCHLD, launch);
	return pid > 0 ? wait_for(pid, launch) : CANNOT_RUN;
}

/* Beside the shim (a build), as seen from there (wherever installed), or as configured. */
static bool find_places(struct launch *launch)
{
	static const char places[][20] = { "ration", "../../bin/ration" };
	struct elf self;
	const char *slash = elf_at((const void *)become_resolver, &self) ? strrchr(self.name, '/')
									 : NULL;

	if (!slash || *self.name != '/')
		return false;
	for (int i = 0; i < 2; i++)
		snprintf(launch->path[i], PATH_MAX, "%.*s/%s", (int)(slash - self.name), self.name,
			 places[i]);
	snprintf(launch->path[2], PATH_MAX, RATION_BINDIR "/ration");
	return true;
}

/* Of the guest's environment, what says where the configuration is, and nothing else. */
static void fill(struct launch *launch)
{
	static const char kept[][20] = { ENV_CONF "=", ENV_LEDGER "=",
					 "HOME=", "XDG_CONFIG_HOME=" };
	char ***environment = real_first("environ"), **next = launch->envp;

	snprintf(launch->online, sizeof launch->online, "%d", cpus_online());
	launch->argv[0] = (char *)"ration";
	launch->argv[1] = (char *)"--resolve";
	launch->argv[2] = launch->online;
	*next++ = (char *)ENV_SELF "=1";
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		for (char **entry = environment ? *environment : NULL; entry && *entry; entry++)
			if (!strncmp(*entry, kept[i], strlen(kept[i]))) {
				*next++ = *entry;
				break;
			}
}

/* The status of the helper, which has ended when this returns; -1: there was none. */
static int run(struct launch *launch, char *stack)
{
	unsigned long every = ~0ul, held;
	int pid, status, got = -1;

	/* By number: libc would leave out two signals of its own. Both start with all held. */
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, &held, sizeof every) != 0)
		return -1;
	pid = REAL(clone)(help, stack, CLONE_VM | CLONE_VFORK, launch);
	if (pid > 0)
		got = REAL(waitpid)(pid, &status, __WCLONE);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &held, NULL, sizeof held);
	return pid > 0 && got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int launch_resolver(int wait_ms)
{
	size_t size = 2 * STACK_SIZE + sizeof(struct launch);
	char *stack = REAL(mmap)(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	struct launch *launch = (struct launch *)(stack + 2 * STACK_SIZE);
	int status = -1, reaper = 0;

	if (stack == MAP_FAILED)
		return -ENOMEM;
	if (find_places(launch)) {
		fill(launch);
		REAL(prctl)(PR_GET_CHILD_SUBREAPER, &reaper);
		launch->stack = stack + STACK_SIZE;
		launch->wait_ms = wait_ms;
		launch->keep = reaper || getpid() == 1;
		status = run(launch, stack + 2 * STACK_SIZE);
	}
	REAL(munmap)(stack, size);
	if (status == UNDONE)
		return -EINPROGRESS;
	return status ? -ECHILD : 0;
}
