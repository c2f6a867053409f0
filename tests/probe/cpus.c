/* SPDX-License-Identifier: MIT */
/*
 * cpus [HOW [FILE]]: say what libc answers about the number of CPUs, in this process; or HOW it
 * came to be: a forked child, a clone(2) that no handler hears of, a thread, or what vfork(2) and
 * exec make of this program. open: what the constructor of FILE is answered, RTLD_LOCAL.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

static void *say(void *who)
{
	long online, nprocs, own, thread, configured;
	int after;
	cpu_set_t mask;

	errno = 77;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	nprocs = get_nprocs();
	sched_getaffinity(0, sizeof mask, &mask);
	own = CPU_COUNT(&mask);
	pthread_getaffinity_np(pthread_self(), sizeof mask, &mask);
	thread = CPU_COUNT(&mask);
	configured = sysconf(_SC_NPROCESSORS_CONF);
	after = errno;
	printf("%s: online %ld, nprocs %ld, affinity %ld, of the thread %ld, ", (char *)who, online,
	       nprocs, own, thread);
	printf("configured %ld, errno %d\n", configured, after);
	fflush(stdout);
	return NULL;
}

static void in_child(const char *how, char *self)
{
	pid_t child;

	if (!strcmp(how, "clone"))
		child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	else
		child = !strcmp(how, "vfork") ? vfork() : fork();
	if (child == 0) {
		if (!strcmp(how, "vfork"))
			execl(self, self, "executed", NULL);
		say((void *)how);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "itself";
	pthread_t thread;

	if (!strcmp(how, "fork") || !strcmp(how, "clone") || !strcmp(how, "vfork")) {
		in_child(how, argv[0]);
	} else if (!strcmp(how, "open")) {
		if (!dlopen(argv[2], RTLD_NOW | RTLD_LOCAL))
			return 1;
	} else if (!strcmp(how, "thread")) {
		pthread_create(&thread, NULL, say, (void *)how);
		pthread_join(thread, NULL);
	} else {
		say((void *)how);
	}
	return 0;
}
