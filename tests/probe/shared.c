/* SPDX-License-Identifier: MIT */
/* A child by vfork(2), in its parent's memory, gives up its rights and asks; then the parent. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		(void)!getenv("OMP_NUM_THREADS");
		_exit(sysconf(_SC_NPROCESSORS_ONLN) > 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	printf("child %d, parent %ld\n", status, sysconf(_SC_NPROCESSORS_ONLN));
	return 0;
}
