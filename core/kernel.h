/* SPDX-License-Identifier: MIT */
/*
 * System calls by their numbers, in line: a program may define open, read or close itself, and a
 * name that is imported costs every exec. Each answers as the kernel does: -errno.
 */
#ifndef RATION_KERNEL_H
#define RATION_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long kernel_call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined __x86_64__ && defined __LP64__
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long answer;

	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return answer;
#elif defined __aarch64__ && defined __LP64__
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
	long answer = syscall(number, a, b, c, d, e, f);

	return answer == -1 ? -errno : answer;
#endif
}

static inline int kernel_open(const char *path, int flags)
{
	return (int)kernel_call(SYS_openat, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

static inline long kernel_read(int fd, void *bytes, size_t size)
{
	return kernel_call(SYS_read, fd, (long)bytes, (long)size, 0, 0, 0);
}

static inline void kernel_close(int fd)
{
	kernel_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

/*
 * By the call that the loader of this glibc makes (2.33 to 2.38 ask by newfstatat): one that it has
 * just made is one that a filter allows. The structure is libc's only where both are the same.
 */
static inline int kernel_fstat(int fd, struct stat *stat)
{
#if !defined __LP64__
	return fstat(fd, stat) == 0 ? 0 : -errno;
#elif defined SYS_newfstatat && __GLIBC_PREREQ(2, 33) && !__GLIBC_PREREQ(2, 39)
	return (int)kernel_call(SYS_newfstatat, fd, (long)"", (long)stat, AT_EMPTY_PATH, 0, 0);
#else
	return (int)kernel_call(SYS_fstat, fd, (long)stat, 0, 0, 0, 0);
#endif
}

#endif
