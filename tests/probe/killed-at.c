/* SPDX-License-Identifier: MIT */
/*
 * killed-at N COMMAND [ARG]...: COMMAND, killed (SIGKILL) before its Nth system call after
 * its exec. What it starts is left alone. Exit status: 0 it was, 1 it ended before.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long left = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int status, entering = 1;
	pid_t pid;

	if (left < 1)
		return 2;
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	waitpid(pid, &status, 0); /* the exec */
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (int deliver = 0; !WIFEXITED(status) && !WIFSIGNALED(status);) {
		ptrace(PTRACE_SYSCALL, pid, NULL, deliver);
		waitpid(pid, &status, 0);
		deliver = 0;
		if (!WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			deliver = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		} else if (entering && --left == 0) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return 0;
		} else {
			entering = !entering;
		}
	}
	return 1;
}
