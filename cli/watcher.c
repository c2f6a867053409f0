/* SPDX-License-Identifier: MIT */
/* Two forks, so that it belongs to init, or to whoever takes in the orphans of this session. */
#define _GNU_SOURCE
#include "cli/watcher.h"

#include "cli/forgo.h"
#include "cli/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSE_MOST = 4096, LOOK_LEAST_US = 5000 };

/* One by one where there is no close_range (Linux before 5.9). */
static void close_all(unsigned first, unsigned last)
{
	if (first > last || syscall(SYS_close_range, first, last, 0u) == 0)
		return;
	for (unsigned fd = first; fd <= last && fd < CLOSE_MOST; fd++)
		close((int)fd);
}

/* Nothing of the command's: no file, no terminal, no signal of its group, no folder. */
static void detach(const struct mask *base, int kept)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	setsid();
	for (int fd = 0; fd < 3; fd++)
		if (fd != kept && dup2(null, fd) != fd)
			_exit(0);
	close_all(3, kept > 3 ? kept - 1 : 2);
	close_all(kept > 2 ? kept + 1 : 3, ~0u);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/*
	 * Nothing that it will do needs a right which it has not; of those of root's these: to move
	 * those whom root's command has made another user's, and to read what its orphans bear.
	 */
	if (chdir("/") != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		_exit(0);
	forgo_rights(1ull << CAP_SYS_NICE | 1ull << CAP_SYS_PTRACE);
	mask_set(0, base);
}

/*
 * A command that begins inside its fence begins when others can know of that, and where they do:
 * somebody else may have taken the place meanwhile.
 */
static void say_ready(int fd, struct warden *warden)
{
	struct warden_story story = warden_story(warden);

	if (fd >= 0 && write(fd, &story.mask, sizeof story.mask) == sizeof story.mask)
		close(fd);
}

static void await_ready(const int ends[2], struct mask *place)
{
	struct mask taken;
	ssize_t got;

	if (ends[0] < 0)
		return;
	close(ends[1]);
	while ((got = read(ends[0], &taken, sizeof taken)) < 0 && errno == EINTR)
		;
	if (got == sizeof taken)
		*place = taken;
	close(ends[0]);
}

static void adopt(void *warden, pid_t pid)
{
	warden_adopt(warden, pid);
}

static void watch(const struct warden_orders *orders, const char *mark, int ready)
{
	struct warden *warden;
	struct pollfd command = { .events = POLLIN };
	bool ended;

	command.fd = (int)syscall(SYS_pidfd_open, orders->command, 0); /* -1: poll lets it be */
	forgo_calls();
	if (warden_open(&warden, orders) != 0)
		_exit(0);
	say_ready(ready, warden);
	do {
		poll(&command, 1, (int)(warden_due_s(warden) * 1e3) + 1);
		ended = command.revents || warden_alive(warden) == 0;
		if (ended) {
			command.fd = -1;
			warden_hurry(warden);
			usleep(LOOK_LEAST_US); /* or there would be no time to judge by */
		}
		command.revents = 0;
		orphans_look(getppid(), mark, ended, adopt, warden);
		warden_look(warden);
	} while (warden_alive(warden) > 0 || !ended); /* the last may have left orphans */
	warden_close(warden);
	_exit(0);
}

/*
 * Whoever takes in orphans himself would find us among his own: then we are a child that sends no
 * signal and that only __WCLONE waits for, as long as we do not exec.
 */
static bool start_below(void)
{
	return syscall(SYS_clone, 0, NULL, NULL, NULL, 0) == 0;
}

/* Beside us; answers true in the new process. */
static bool start_beside(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (fork() != 0)
			_exit(0);
		return true;
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return false;
}

void watcher_start(struct warden_orders *orders, const char *mark)
{
	int ends[2] = { -1, -1 }, reaper = 0;

	if (orders->placed && pipe2(ends, O_CLOEXEC) != 0)
		ends[0] = ends[1] = -1;
	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	if (reaper || getpid() == 1 ? start_below() : start_beside()) {
		detach(&orders->base, ends[1]);
		watch(orders, mark, ends[1]);
	}
	await_ready(ends, &orders->place);
}
