/* SPDX-License-Identifier: MIT */
/* They answer with as much as they like at a time, and 0 at the end. */
#define _GNU_SOURCE
#include "cli/procfile.h"

#include <fcntl.h>
#include <unistd.h>

size_t procfile_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	while (fd >= 0 && length < size - 1
	       && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return length;
}
