/* SPDX-License-Identifier: MIT */
/* The rules are in the header. A name that does not end in .conf is no drop-in for systemd. */
#define _GNU_SOURCE
#include "cli/dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 4096 };

#define NEW_FILE ".50-ration.new"

/* The whole of it, if it is a short regular file; its length, or -1. */
static ssize_t read_file(int dir, char *text)
{
	int fd = openat(dir, DROPIN_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat stat;
	ssize_t length = -1;

	if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		length = read(fd, text, TEXT_MAX);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length;
}

/* ROOT/etc/systemd/system/UNIT.d; make: and what is missing on the way below the root. */
static int open_dir(const char *root, const char *unit, bool make)
{
	char path[PATH_MAX];
	char *at = path + strlen(root);
	int fd;

	if (snprintf(path, sizeof path, "%s" DROPIN_DIR "/%s.d", root, unit) >= (int)sizeof path)
		return -ENAMETOOLONG;
	while (make && (at = strchr(at + 1, '/'))) {
		*at = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	if (make && mkdir(path, 0755) != 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

enum dropin dropin_at(const char *root, const char *unit, char *path, int size)
{
	int dir = open_dir(root, unit, false);
	char text[TEXT_MAX + 1];
	struct stat stat;
	enum dropin what = DROPIN_OTHERS;

	snprintf(path, (size_t)size, "%s" DROPIN_DIR "/%s.d/" DROPIN_FILE, root, unit);
	if (dir < 0) /* if for another reason, to write there will tell */
		return DROPIN_NONE;
	if (fstatat(dir, DROPIN_FILE, &stat, AT_SYMLINK_NOFOLLOW) != 0)
		what = errno == ENOENT ? DROPIN_NONE : DROPIN_OTHERS;
	else if (read_file(dir, text) > 0 && !strncmp(text, DROPIN_LINE, strlen(DROPIN_LINE)))
		what = DROPIN_OURS;
	close(dir);
	return what;
}

static int write_new(int dir, const char *text)
{
	size_t length = strlen(text);
	int error = 0, fd;

	/* Left by one of us that was interrupted. */
	if (unlinkat(dir, NEW_FILE, 0) != 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, NEW_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	errno = ENOSPC; /* if it writes less, without a word */
	if (write(fd, text, length) != (ssize_t)length || fchmod(fd, 0644) != 0 || fsync(fd) != 0)
		error = -errno;
	if (close(fd) != 0 && !error)
		error = -errno;
	if (!error && renameat(dir, NEW_FILE, dir, DROPIN_FILE) != 0)
		error = -errno;
	if (error)
		unlinkat(dir, NEW_FILE, 0);
	return error;
}

int dropin_write(const char *root, const char *unit, const char *text)
{
	int dir = open_dir(root, unit, true), error;
	char now[TEXT_MAX + 1];

	if (dir < 0)
		return dir;
	if (read_file(dir, now) >= 0 && !strcmp(now, text)) {
		close(dir);
		return 0;
	}
	error = write_new(dir, text);
	if (!error && fsync(dir) != 0)
		error = -errno;
	close(dir);
	return error ? error : 1;
}

int dropin_remove(const char *root, const char *unit)
{
	int dir = open_dir(root, unit, false), error = 0;
	char path[PATH_MAX];

	if (dir < 0)
		return dir;
	if (unlinkat(dir, DROPIN_FILE, 0) != 0)
		error = -errno;
	unlinkat(dir, NEW_FILE, 0);
	fsync(dir);
	close(dir);
	snprintf(path, sizeof path, "%s" DROPIN_DIR "/%s.d", root, unit);
	if (!error)
		rmdir(path); /* unless others have files in it */
	return error;
}
