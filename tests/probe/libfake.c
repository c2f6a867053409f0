/* SPDX-License-Identifier: MIT */
/*
 * A machine with FAKE_CPUS CPUs, for programs that are told so by libc. Preloaded
 * behind the shim it is what the shim, too, takes for the machine. _CONF follows, as
 * OpenBLAS bounds its pool by it. A file says so where no environment is kept. Setting
 * an affinity succeeds and changes nothing. With FAKE_KERNEL in the environment, the
 * same is told to who asks the kernel past libc, of any process. FAKE_ROOT is a folder with
 * mountinfo, cgroup and sys/fs/cgroup, for all that can be read by these names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

/* Found at load: some call it where nothing may be looked for. */
static long (*real_syscall)(long, ...);

__attribute__((constructor)) static void find_syscall(void)
{
	*(void **)&real_syscall = dlsym(RTLD_NEXT, "syscall");
}

long syscall(long number, ...)
{
	long arg[6], got;
	va_list args;

	if (!real_syscall)
		find_syscall();
	va_start(args, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	got = real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (number != SYS_sched_getaffinity || got < 0 || !cpus() || !getenv("FAKE_KERNEL"))
		return got;
	memset((void *)arg[2], 0, (size_t)got);
	return fill((size_t)arg[1], (cpu_set_t *)arg[2]) ? -1 : got;
}

/* "/proc/7/cgroup" is FAKE_ROOT/cgroup; what begins with /sys/fs/cgroup lies below FAKE_ROOT. */
static const char *moved(const char *path, char *place)
{
	const char *fake = getenv("FAKE_ROOT"), *name = strrchr(path, '/');

	if (!fake || !name)
		return path;
	if (!strncmp(path, "/sys/fs/cgroup", 14))
		snprintf(place, PATH_MAX, "%s%s", fake, path);
	else if (!strncmp(path, "/proc/", 6)
		 && (!strcmp(name, "/cgroup") || !strcmp(name, "/mountinfo")))
		snprintf(place, PATH_MAX, "%s%s", fake, name);
	else
		return path;
	return place;
}

int open(const char *path, int flags, ...)
{
	static int (*real)(const char *, int, ...);
	char place[PATH_MAX];
	va_list args;
	mode_t mode;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "open");
	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return real(moved(path, place), flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	static FILE *(*real)(const char *, const char *);
	char place[PATH_MAX];

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fopen");
	return real(moved(path, place), mode);
}
