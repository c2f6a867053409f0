/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. The kernel goes through a group from its youngest member on (Linux
 * 6.1, kernel/pid.c, attach_pid): what we have, the witness has had before.
 */
#define _GNU_SOURCE
#include "cli/witness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t witness_post(void)
{
	sigset_t all, before;
	pid_t pid, parent = getpid();

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid > 0 ? pid : 0;
}

/* "ShdPnd:\t0000000000000002": pending for the process, a bit for each signal. */
static bool is_pending(pid_t pid, int signal)
{
	unsigned long long pending = 0;
	char path[32], line[128];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "ShdPnd:", 7))
			pending = strtoull(line + 7, NULL, 16);
	if (file)
		fclose(file);
	return pending >> (signal - 1) & 1;
}

bool witness_saw(pid_t *witness, int signal)
{
	if (!*witness || !is_pending(*witness, signal))
		return false;
	witness_dismiss(*witness);
	*witness = witness_post();
	return true;
}

void witness_dismiss(pid_t witness)
{
	if (!witness)
		return;
	kill(witness, SIGKILL);
	waitpid(witness, NULL, 0);
}
