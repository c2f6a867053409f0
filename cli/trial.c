/* SPDX-License-Identifier: MIT */
/*
 * What a program writes, and how it ends, is all that counts: a warning of the loader is a
 * difference. Nothing but the programs themselves is needed, neither /proc nor /dev.
 */
#define _GNU_SOURCE
#include "cli/trial.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIALS = 10, WORDS = 6, TEXT_SIZE = 4096, LIMIT_MS = 10000 };

struct outcome {
	int status; /* of wait(2); -1: it took too long */
	char text[TEXT_SIZE];
};

/* Threads that ask, children by fork(2) and vfork(2), a handler, what getenv(3) says. */
static const char python[] = "import ctypes, os, signal, threading\n"
			     "asks = threading.Thread(target=os.sched_getaffinity, args=(0,))\n"
			     "asks.start(); asks.join()\n"
			     "signal.signal(signal.SIGUSR1, lambda *_: print(os.cpu_count() > 0))\n"
			     "os.kill(os.getpid(), signal.SIGUSR1)\n"
			     "pid = os.fork()\n"
			     "if not pid:\n"
			     "    os._exit(os.cpu_count() < 1)\n"
			     "print(os.waitpid(pid, 0)[1])\n"
			     "print(os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)[1])\n"
			     "libc = ctypes.CDLL(None)\n"
			     "libc.getenv.restype = ctypes.c_char_p\n"
			     "print(libc.getenv(b'OMP_NUM_THREADS'))\n";

/* The first two have to be there; of the others whatever is. */
static const char *const programs[TRIALS][WORDS] = {
	{ "/bin/true" },
	{ "/bin/sh", "-c", "echo $((6 * 7)) | cat; exit 7" },
	{ "/bin/ls", "-d", "/" },
	{ "/usr/bin/id", "-u" },
	{ "/bin/sh", "-c", "nproc >/dev/null" },
	{ "/bin/su", "--version" },
	{ "/usr/bin/setpriv", "--no-new-privs", "/bin/true" },
	{ "/usr/bin/unshare", "--pid", "--fork", "/bin/true" },
	{ "/usr/bin/bwrap", "--ro-bind", "/", "/", "/bin/true" },
	{ "/usr/bin/env", "OMP_NUM_THREADS=9999", "/usr/bin/python3", "-c", python },
};
static struct outcome before[TRIALS];

static void become(const char *const *argv, int out, const char *assign, const char *more)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *envp[4] = { path };
	sigset_t none;
	int in[2];

	envp[1] = (char *)assign;
	envp[assign ? 2 : 1] = (char *)more;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (pipe(in) != 0 || dup2(in[0], 0) != 0 || dup2(out, 1) != 1 || dup2(out, 2) != 2)
		_exit(126);
	close(in[0]);
	close(in[1]);
	close(out);
	execve(argv[0], (char *const *)argv, envp);
	_exit(127);
}

static int now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(now.tv_sec % 1000000 * 1000 + now.tv_nsec / 1000000);
}

/* What it writes until all that hold the pipe have ended; false: that takes too long. */
static bool listen_to(int fd, char *text)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int start = now_ms();
	size_t used = 0;
	char rest[512];
	ssize_t got;

	while (now_ms() - start < LIMIT_MS) {
		if (poll(&ready, 1, 100) <= 0)
			continue;
		if (used < TEXT_SIZE - 1)
			got = read(fd, text + used, TEXT_SIZE - 1 - used);
		else
			got = read(fd, rest, sizeof rest);
		if (got <= 0)
			return true;
		if (used < TEXT_SIZE - 1)
			used += (size_t)got;
	}
	return false;
}

static struct outcome run(const char *const *argv, const char *assign, const char *more)
{
	struct outcome outcome = { .status = -1 };
	int out[2];
	pid_t pid;

	if (pipe(out) != 0)
		return outcome;
	pid = fork();
	if (pid == 0) {
		close(out[0]);
		become(argv, out[1], assign, more);
	}
	close(out[1]);
	if (pid > 0) {
		if (!listen_to(out[0], outcome.text))
			kill(pid, SIGKILL);
		if (waitpid(pid, &outcome.status, 0) != pid)
			outcome.status = -1;
	}
	close(out[0]);
	return outcome;
}

static const char *ending(const struct outcome *outcome)
{
	static char text[64];

	if (outcome->status == -1)
		snprintf(text, sizeof text, "could not be run");
	else if (WIFSIGNALED(outcome->status))
		snprintf(text, sizeof text, "died of %s", strsignal(WTERMSIG(outcome->status)));
	else
		snprintf(text, sizeof text, "ended with %d", WEXITSTATUS(outcome->status));
	return text;
}

/* The first line that it wrote, for a message. */
static int first(const struct outcome *outcome)
{
	size_t length = strcspn(outcome->text, "\n");

	return length > 200 ? 200 : (int)length;
}

bool trial_begin(char *problem, size_t size)
{
	for (int i = 0; i < TRIALS; i++)
		if (i < 2 || access(programs[i][0], X_OK) == 0)
			before[i] = run(programs[i], NULL, NULL);
	if (before[0].status == 0 && before[1].status == 7 << 8 && !strcmp(before[1].text, "42\n"))
		return true;
	snprintf(problem, size, "/bin/true and /bin/sh do not work as things are: %.*s",
		 first(&before[1]), before[1].text);
	return false;
}

/* The word for LD_PRELOAD; NULL: none is given. */
static const char *assignment(const char *spelled)
{
	static char assign[TEXT_SIZE + 16];

	if (!spelled)
		return NULL;
	snprintf(assign, sizeof assign, "LD_PRELOAD=%s", spelled);
	return assign;
}

/*
 * What ldd(1) does: the loader lists what it would load, and runs nothing. It may have been found
 * below the library's folder: "\t/a/$LIB/b.so => /a/lib64/b.so (0x00007f6f8a3c1000)"
 */
static bool is_loaded(const char *library, const char *spelled)
{
	struct outcome list = run(programs[0], assignment(spelled), "LD_TRACE_LOADED_OBJECTS=1");
	const char *name = strrchr(library, '/');

	for (char *line = strtok(list.text, "\n"); line; line = strtok(NULL, "\n")) {
		char *end = strstr(line, " (0x"), *found;

		if (!end)
			continue;
		*end = '\0';
		found = strstr(line, " => ");
		found = found ? found + 4 : line + strspn(line, "\t");
		if (!strncmp(found, library, (size_t)(name - library))
		    && !strcmp(strrchr(found, '/'), name))
			return true;
	}
	return false;
}

bool trial_same(const char *library, const char *spelled, char *problem, size_t size)
{
	for (int i = 0; i < TRIALS; i++) {
		struct outcome now;

		if (i >= 2 && access(programs[i][0], X_OK) != 0)
			continue;
		now = run(programs[i], assignment(spelled), NULL);
		if (now.status == before[i].status && !strcmp(now.text, before[i].text))
			continue;
		snprintf(problem, size, "%s: with it, %s %s: %.*s", library, programs[i][0],
			 ending(&now), first(&now), now.text);
		return false;
	}
	if (is_loaded(library, spelled))
		return true;
	snprintf(problem, size, "%s: the loader does not load it into /bin/true", library);
	return false;
}

bool trial_narrow(const char *narrow, const char *spelled)
{
	const char *argv[] = { "/lib/ld-linux.so.2", "--list", narrow, NULL };
	struct outcome now;

	if (access(argv[0], X_OK) != 0)
		return true;
	now = run(argv, assignment(spelled), NULL);
	return !strstr(now.text, "ld.so: object");
}

bool trial_snippet(const char *snippet, const char *spelled, char *problem, size_t size)
{
	const char *argv[] = { "/bin/sh", "-c", ". \"$0\"; echo \"$LD_PRELOAD\"", snippet, NULL };
	struct outcome now = run(argv, NULL, NULL);

	if (now.status == 0 && !strncmp(now.text, spelled, strlen(spelled))
	    && now.text[strlen(spelled)] == '\n')
		return true;
	snprintf(problem, size, "%s: a shell that reads it %s: %.*s", snippet, ending(&now),
		 first(&now), now.text);
	return false;
}
