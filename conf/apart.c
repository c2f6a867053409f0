/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. A process that has changed its uid cannot be traced by that user
 * (proc(5), dumpable); it can be stopped or killed by him, and then it has not answered.
 */
#define _GNU_SOURCE
#include "conf/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_MOST = 4096 };

/* Before the uid is another: a lookup has to be able to ask whatever nsswitch.conf(5) names. */
static int become(uid_t uid)
{
	const struct passwd *entry;
	gid_t gid = (gid_t)-2; /* of a uid without a name: nobody's */
	int groups;

	if (uid == geteuid())
		return 0;
	entry = getpwuid(uid);
	groups = entry ? initgroups(entry->pw_name, entry->pw_gid) : setgroups(0, NULL);
	if (entry)
		gid = entry->pw_gid;
	if (groups != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return -errno;
	return 0;
}

/* All but one: whoever waits for the end of what we write to waits for us alone. */
static void close_others(int kept)
{
	if (kept > 0)
		syscall(SYS_close_range, 0u, (unsigned)kept - 1, 0u);
	if (syscall(SYS_close_range, (unsigned)kept + 1, ~0u, 0u) == 0)
		return;
	for (int fd = 0; fd < FD_MOST; fd++)
		if (fd != kept)
			close(fd);
}

static _Noreturn void answer(int out, uid_t uid, int (*work)(const void *, void *), const void *arg,
			     void *room)
{
	int error = become(uid);

	close_others(out);
	if (!error)
		error = work(arg, room);
	_exit(write(out, &error, sizeof error) != sizeof error);
}

static bool wait_for(int in, int *answered)
{
	struct pollfd ready = { .fd = in, .events = POLLIN };

	return poll(&ready, 1, APART_MS) == 1
	       && read(in, answered, sizeof *answered) == sizeof *answered;
}

int apart_run(uid_t uid, int (*work)(const void *arg, void *room), const void *arg, void *room)
{
	int ends[2], answered = 0, status = 0;
	pid_t child;
	bool in_time;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	child = fork();
	if (child == 0)
		answer(ends[1], uid, work, arg, room);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	in_time = wait_for(ends[0], &answered);
	close(ends[0]);
	/* Not waited for where it may hang: it is our child still, nobody else has its number. */
	kill(child, SIGKILL);
	if (in_time) {
		waitpid(child, &status, 0);
		return answered;
	}
	for (int i = 0; i < 20; i++, usleep(1000))
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL ? -ECHILD
										  : -ETIMEDOUT;
	return -ETIMEDOUT;
}

void *apart_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

void apart_free(void *room, size_t size)
{
	if (room)
		munmap(room, size);
}
