/* SPDX-License-Identifier: MIT */
/* restless FORKS: forks while another thread starts threads; each child starts one, or hangs. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *arg)
{
	return arg;
}

static void start_one(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) == 0)
		pthread_join(thread, NULL);
}

static void *start_many(void *arg)
{
	for (;;)
		start_one();
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int forks = argc > 1 ? atoi(argv[1]) : 100, status, hung = 0;

	pthread_create(&thread, NULL, start_many, NULL);
	for (int i = 0; i < forks; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			alarm(20);
			start_one();
			_exit(0);
		}
		waitpid(pid, &status, 0);
		hung += WIFSIGNALED(status);
	}
	printf("hung %d\n", hung);
	return 0;
}
