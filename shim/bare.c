/* SPDX-License-Identifier: MIT */
/*
 * What the shim and core use of libc, for themselves: hidden, so that no reference leaves this
 * library, which needs no other. A program may have functions of its own by the names open, read,
 * kill (C reserves them not); a sanitizer or a faked clock stands in libc's place; and the first
 * call of an import costs 3 kB of stack (the loader saves all vector registers, glibc 2.36), more
 * than a small signal stack has. Nothing here locks, allocates or is a point of cancellation, but
 * what is said to be the program's. Texts and memory are in bare-text.c.
 */
#define _GNU_SOURCE
#include "shim/real.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long enter(long number, long a, long b, long c, long d, long e, long f)
{
#if defined __x86_64__
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long answer;

	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return answer;
#elif defined __aarch64__
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
			 x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
	long (*call)(long, ...) = REAL(syscall), answer = call(number, a, b, c, d, e, f);

	return answer == -1 ? -errno : answer;
#endif
}

/* Of this thread; the next definition's, as errno(3) has it. */
int *__errno_location(void)
{
	return REAL(__errno_location)();
}

static long settle(long answer)
{
	if (answer >= -4095 && answer < 0) {
		errno = (int)-answer;
		return -1;
	}
	return answer;
}

long syscall(long number, ...)
{
	long a, b, c, d, e, f;
	va_list args;

	va_start(args, number);
	a = va_arg(args, long);
	b = va_arg(args, long);
	c = va_arg(args, long);
	d = va_arg(args, long);
	e = va_arg(args, long);
	f = va_arg(args, long);
	va_end(args);
	return settle(enter(number, a, b, c, d, e, f));
}

int open(const char *path, int flags, ...)
{
	return (int)settle(enter(SYS_openat, AT_FDCWD, (long)path, flags, 0, 0, 0));
}

int close(int fd)
{
	return (int)settle(enter(SYS_close, fd, 0, 0, 0, 0, 0));
}

ssize_t read(int fd, void *buffer, size_t size)
{
	return settle(enter(SYS_read, fd, (long)buffer, (long)size, 0, 0, 0));
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	return settle(enter(SYS_write, fd, (long)buffer, (long)size, 0, 0, 0));
}

ssize_t readlink(const char *path, char *buffer, size_t size)
{
	return settle(enter(SYS_readlinkat, AT_FDCWD, (long)path, (long)buffer, (long)size, 0, 0));
}

int kill(pid_t pid, int signal)
{
	return (int)settle(enter(SYS_kill, pid, signal, 0, 0, 0, 0));
}

pid_t getpid(void)
{
	return (pid_t)enter(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

pid_t getppid(void)
{
	return (pid_t)enter(SYS_getppid, 0, 0, 0, 0, 0, 0);
}

uid_t geteuid(void)
{
	return (uid_t)enter(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	return (int)settle(enter(SYS_nanosleep, (long)time, (long)left, 0, 0, 0, 0));
}

int shmget(key_t key, size_t size, int flags)
{
	return (int)settle(enter(SYS_shmget, key, (long)size, flags, 0, 0, 0));
}

void *shmat(int id, const void *at, int flags)
{
	return (void *)settle(enter(SYS_shmat, id, (long)at, flags, 0, 0, 0));
}

int shmctl(int id, int command, struct shmid_ds *stat)
{
	return (int)settle(enter(SYS_shmctl, id, command, (long)stat, 0, 0, 0));
}

/* The kernel's own, where it maps one into each process: nobody can fake or stop it. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int (*read_clock)(clockid_t, struct timespec *);

	*(void **)&read_clock = real_clock();
	return (int)settle(read_clock ? read_clock(clock, now)
				      : enter(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0));
}

/* Those of the program, as its libraries reach them: a sanitizer's, where there is one. */
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return REAL_FIRST(pthread_mutex_lock)(mutex);
}

int pthread_setcancelstate(int state, int *before)
{
	return REAL_FIRST(pthread_setcancelstate)(state, before);
}

/* For runtimes alone: much stack. */
int vsnprintf(char *text, size_t size, const char *format, va_list args)
{
	return REAL(vsnprintf)(text, size, format, args);
}

int snprintf(char *text, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, size, format, args);
	va_end(args);
	return length;
}
