/* SPDX-License-Identifier: MIT */
/*
 * OMP_NUM_THREADS, where it says more than the share: a program that knows the number by another
 * way than from its runtime counts on it. It has read the variable; or it was begun with the number
 * among its arguments, as in "./prog -t $OMP_NUM_THREADS". What is read past getenv(3), from
 * environ or a file, cannot be seen.
 */
#define _GNU_SOURCE
#include "shim/omp-known.h"

#include "shim/guest.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int read_as;

void omp_known_read(int threads)
{
	if (threads > 0)
		atomic_store(&read_as, threads);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "4", "--threads=4", "-t4"; not "file4" or "0.4". */
bool omp_known_argument(const char *argument, int threads)
{
	const char *number = argument + strlen(argument);

	while (number > argument && is_digit(number[-1]))
		number--;
	if (!*number || shim_number(number) != threads)
		return false;
	if (number == argument || number[-1] == '=')
		return true;
	if (*argument != '-')
		return false;
	while (*argument == '-')
		argument++;
	for (; argument < number; argument++)
		if ((*argument | 32) < 'a' || (*argument | 32) > 'z')
			return false;
	return true;
}

static bool is_argument(int threads)
{
	char text[2048];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	for (char *at = text; at < text + length; at += strlen(at) + 1)
		if (at > text && omp_known_argument(at, threads))
			return true;
	return false;
}

int omp_known(int share)
{
	const char *value = shim_env("OMP_NUM_THREADS");
	int threads = value ? shim_number(value) : 0;

	if (threads <= share)
		return 0;
	return atomic_load(&read_as) == threads || is_argument(threads) ? threads : 0;
}
