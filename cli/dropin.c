/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. A name that does not end in .conf is no drop-in for systemd. Below a
 * root other than ours nothing is opened but by openat2(2), which follows no link and never leaves
 * it: whose files those are is not known.
 */
#define _GNU_SOURCE
#include "cli/dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static int open_below(int dir, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS
					   | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

/* In our own root, links are root's own, as /etc/systemd may be. */
static int open_here(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* What is new is for all to pass through, whatever the umask. */
static int make_in(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) != 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmodat(dir, name, 0755, 0) != 0 ? -errno : 0;
}

/* From a folder to the one of that name in it; the former is closed. */
static int step(int dir, const char *name, bool below, bool make)
{
	int error = make ? make_in(dir, name) : 0, next;

	if (!error)
		next = below ? open_below(dir, name) : open_here(dir, name);
	close(dir);
	return error ? error : next;
}

/* ROOT/etc/systemd/system/UNIT.d, or with unit NULL the folder around it; make: what is missing. */
static int open_dir(const char *root, const char *unit, bool make)
{
	static const char *const way[] = { "etc", "systemd", "system" };
	char name[NAME_MAX + 1];
	int dir = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;
	for (size_t i = 0; i < sizeof way / sizeof *way && dir >= 0; i++)
		dir = step(dir, way[i], *root, make);
	if (dir < 0 || !unit)
		return dir;
	if (snprintf(name, sizeof name, "%s.d", unit) >= (int)sizeof name) {
		close(dir);
		return -ENAMETOOLONG;
	}
	return step(dir, name, *root, make);
}

int dropin_folder(const char *root)
{
	return open_dir(root, NULL, false);
}

enum dropin dropin_at(const char *root, const char *unit, char *path, int size)
{
	int dir = open_dir(root, unit, false);
	char text[TEXT_MAX + 1];
	struct stat stat;
	enum dropin what = DROPIN_OTHERS;

	snprintf(path, (size_t)size, "%s" DROPIN_DIR "/%s.d/" DROPIN_FILE, root, unit);
	if (dir < 0) /* if for another reason than a link, to write there will tell */
		return dir == -ELOOP || dir == -EXDEV ? DROPIN_OTHERS : DROPIN_NONE;
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
	char path[NAME_MAX + 1];

	if (dir < 0)
		return dir;
	if (unlinkat(dir, DROPIN_FILE, 0) != 0)
		error = -errno;
	unlinkat(dir, NEW_FILE, 0);
	fsync(dir);
	close(dir);
	if (error)
		return error;
	dir = open_dir(root, NULL, false);
	snprintf(path, sizeof path, "%s.d", unit);
	if (dir >= 0) {
		unlinkat(dir, path, AT_REMOVEDIR); /* unless others have files in it */
		close(dir);
	}
	return 0;
}
