/* SPDX-License-Identifier: MIT */
/*
 * A machine with FAKE_CPUS CPUs, for programs that are told so by libc. Preloaded
 * behind the shim it is what the shim, too, takes for the machine. _CONF follows, as
 * OpenBLAS bounds its pool by it. A file says so where no environment is kept. Setting
 * an affinity succeeds and changes nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* -1: there is none. */
static int from_file(void)
{
	char text[16] = "";
	int fd = open("/etc/fake-cpus", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atoi(text);
}

static int cpus(void)
{
	static int known;

	for (char **entry = environ; !known && entry && *entry; entry++)
		if (!strncmp(*entry, "FAKE_CPUS=", 10))
			known = atoi(*entry + 10);
	if (!known)
		known = from_file();
	return known > 0 ? known : 0;
}

static int fill(size_t size, cpu_set_t *mask)
{
	if (size * 8 < (size_t)cpus())
		return EINVAL;
	memset(mask, 0, size);
	for (int cpu = 0; cpu < cpus(); cpu++)
		CPU_SET_S((size_t)cpu, size, mask);
	return 0;
}

long sysconf(int name)
{
	static long (*real)(int);

	if (cpus() && (name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF))
		return cpus();
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "sysconf");
	return real(name);
}

int get_nprocs(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int get_nprocs_conf(void)
{
	return (int)sysconf(_SC_NPROCESSORS_CONF);
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask)
{
	int error = fill(size, mask);

	(void)pid;
	if (error)
		errno = error;
	return error ? -1 : 0;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *mask)
{
	(void)thread;
	return fill(size, mask);
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *mask)
{
	(void)pid;
	(void)size;
	(void)mask;
	return 0;
}

int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *mask)
{
	(void)thread;
	(void)size;
	(void)mask;
	return 0;
}
