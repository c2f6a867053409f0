/* SPDX-License-Identifier: MIT */
/*
 * A guest that would notice: asks for the number of CPUs with a handler for SIGCHLD, with
 * descriptors open that must not leak, a child of its own, and waits for whatever there is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals++;
}

int main(int argc, char **argv)
{
	struct sigaction on_child = { .sa_handler = argc > 1 ? SIG_IGN : count };
	long online;
	int found;

	(void)argv;
	sigaction(SIGCHLD, &on_child, NULL);
	errno = 4321;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	printf("online %ld, errno %d, signals %d, ", online, errno, (int)signals);
	found = waitpid(-1, NULL, WNOHANG);
	printf("wait %d %s\n", found, errno == ECHILD ? "ECHILD" : "?");
	return 0;
}
