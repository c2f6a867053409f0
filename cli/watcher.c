/* SPDX-License-Identifier: MIT */
/* Two forks, so that it belongs to init, or to whoever takes in the orphans of this session. */
#define _GNU_SOURCE
#include "cli/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIST_SIZE = 1 << 16, ENVIRONMENT_SIZE = 1 << 17, CLOSE_MOST = 4096, LOOK_LEAST_US = 5000 };

static bool read_text(const char *path, char *text, size_t size, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	*length = 0;
	if (fd < 0)
		return false;
	while (*length < size - 1 && (got = read(fd, text + *length, size - 1 - *length)) > 0)
		*length += (size_t)got;
	close(fd);
	text[*length] = '\0';
	return *length > 0;
}

/* Ours, and begun inside the command. */
static bool bears(pid_t pid, const char *mark)
{
	static char text[ENVIRONMENT_SIZE];
	size_t length;
	char path[48];
	struct stat stat_of;

	snprintf(path, sizeof path, "/proc/%d/environ", pid);
	if (stat(path, &stat_of) != 0 || stat_of.st_uid != geteuid()
	    || !read_text(path, text, sizeof text, &length))
		return false;
	for (const char *at = text; at < text + length; at += strlen(at) + 1)
		if (!strcmp(at, mark))
			return true;
	return false;
}

/*
 * A process whose parent ended between two looks is where we are, a child of our parent. Looked at
 * once each: what was there at the last look is not asked again.
 */
static void adopt(struct warden *warden, const char *mark)
{
	static char lists[2][LIST_SIZE];
	static int now;
	char path[64], wanted[16], *at, *end;
	size_t length;
	pid_t pid;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", getppid(), getppid());
	now = !now;
	lists[now][0] = ' ';
	if (!read_text(path, lists[now] + 1, LIST_SIZE - 1, &length))
		return;
	for (at = lists[now]; (pid = (pid_t)strtol(at, &end, 10)) > 0; at = end) {
		snprintf(wanted, sizeof wanted, " %d ", pid);
		if (pid != getpid() && !strstr(lists[!now], wanted) && bears(pid, mark))
			warden_adopt(warden, pid);
	}
}

/* Nothing of the command's: no file, no terminal, no signal of its group, no folder. */
static void detach(const struct mask *base)
{
	sigset_t none;

	setsid();
	if (syscall(SYS_close_range, 0u, ~0u, 0u) != 0)
		for (int fd = 0; fd < CLOSE_MOST; fd++)
			close(fd);
	for (int fd = 0; fd < 3; fd++)
		if (open("/dev/null", O_RDWR) != fd)
			_exit(0);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir("/") != 0)
		_exit(0);
	mask_set(0, base);
}

static void watch(const struct warden_orders *orders, const char *mark)
{
	struct warden *warden;
	struct pollfd command = { .events = POLLIN };

	command.fd = (int)syscall(SYS_pidfd_open, orders->command, 0); /* -1: poll lets it be */
	if (warden_open(&warden, orders) != 0)
		_exit(0);
	do {
		poll(&command, 1, (int)(warden_due_s(warden) * 1e3) + 1);
		if (command.revents) {
			command.fd = -1;
			usleep(LOOK_LEAST_US); /* or there would be no time to judge by */
		}
		command.revents = 0;
		adopt(warden, mark);
		warden_look(warden);
	} while (warden_alive(warden) > 0);
	warden_close(warden);
	_exit(0);
}

/*
 * Whoever takes in orphans himself would find us among his own: then we are a child that sends no
 * signal and that only __WCLONE waits for, as long as we do not exec.
 */
static void start_below(const struct warden_orders *orders, const char *mark)
{
	if (syscall(SYS_clone, 0, NULL, NULL, NULL, 0) != 0)
		return;
	detach(&orders->base);
	watch(orders, mark);
}

void watcher_start(const struct warden_orders *orders, const char *mark)
{
	int status, reaper = 0;
	pid_t child;

	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	if (reaper || getpid() == 1) {
		start_below(orders, mark);
		return;
	}
	child = fork();
	if (child == 0) {
		if (fork() != 0)
			_exit(0);
		detach(&orders->base);
		watch(orders, mark);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
}
