/* SPDX-License-Identifier: MIT */
/* Nearly always there is one time namespace, whose inode is a constant of the kernel. */
#define _GNU_SOURCE
#include "core/clock.h"

#include "core/kernel.h"

#include <string.h>

static const char of_machine[] = "time:[4026531834]"; /* PROC_TIME_INIT_INO, linux/proc_ns.h */

_Atomic int64_t clock_apart_ms;
_Atomic int64_t clock_boot_apart_ms;

static long read_number(const char **text)
{
	const char *at = *text;
	long number = 0;
	int sign = 1;

	while (*at == ' ' || *at == '\t')
		at++;
	if (*at == '-') {
		sign = -1;
		at++;
	}
	while (*at >= '0' && *at <= '9')
		number = number * 10 + (*at++ - '0');
	*text = at;
	return sign * number;
}

/* "boottime       86400         0": seconds, which may be negative, and nanoseconds. */
static int64_t apart_in(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	long seconds;

	if (!at)
		return 0;
	at += strlen(name);
	seconds = read_number(&at);
	return seconds * 1000 + read_number(&at) / 1000000;
}

void clock_settle(void)
{
	char text[256];
	ssize_t length = readlink("/proc/self/ns/time", text, sizeof text - 1);
	int fd;

	if (length > 0)
		text[length] = '\0';
	if (length > 0 && strcmp(text, of_machine) != 0
	    && (fd = kernel_open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC)) >= 0) {
		length = kernel_read(fd, text, sizeof text - 1);
		kernel_close(fd);
		text[length > 0 ? length : 0] = '\0';
	} else {
		text[0] = '\0';
	}
	atomic_store(&clock_apart_ms, apart_in(text, "monotonic"));
	atomic_store(&clock_boot_apart_ms, apart_in(text, "boottime"));
}
