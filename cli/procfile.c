/* SPDX-License-Identifier: MIT */
/* They answer with as much as they like at a time, and 0 at the end. */
#define _GNU_SOURCE
#include "cli/procfile.h"

#include "conf/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct order {
	const char *path, *words;
	size_t size;
};

size_t procfile_read_in(int folder, const char *path, char *text, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
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

size_t procfile_read(const char *path, char *text, size_t size)
{
	return procfile_read_in(AT_FDCWD, path, text, size);
}

/* Into room: the length, or -errno. */
static int read_whole(const void *arg, void *room)
{
	const struct order *order = arg;

	if (access(order->path, R_OK) != 0)
		return -errno;
	return (int)procfile_read(order->path, room, order->size);
}

static int read_line(const void *arg, void *room)
{
	const struct order *order = arg;
	FILE *in = fopen(order->path, "re");
	char *line = room;
	int found = 0;

	while (in && !found && fgets(line, (int)order->size, in))
		found = strstr(line, order->words) != NULL;
	line[found ? strcspn(line, "\n") : 0] = '\0';
	return found;
}

static int run(const struct order *order, int (*work)(const void *, void *), char *text)
{
	char *room = apart_room(order->size);
	int answer = room ? apart_run(geteuid(), work, order, room) : -ENOMEM;

	text[0] = '\0';
	if (answer >= 0) {
		memcpy(text, room, order->size);
		text[order->size - 1] = '\0';
	}
	apart_free(room, order->size);
	return answer;
}

ssize_t procfile_read_apart(const char *path, char *text, size_t size)
{
	return run(&(struct order){ .path = path, .size = size }, read_whole, text);
}

bool procfile_line_apart(const char *path, const char *words, char *line, size_t size)
{
	return run(&(struct order){ path, words, size }, read_line, line) > 0;
}
