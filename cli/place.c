/* SPDX-License-Identifier: MIT */
/* The rules are in the header. The old file lives on under a second name, a hard link. */
#define _GNU_SOURCE
#include "cli/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct place_file *file, int fd)
{
	struct stat stat;
	ssize_t got;

	if (fstat(fd, &stat) != 0)
		return -errno;
	if (!S_ISREG(stat.st_mode) || stat.st_size > PLACE_BYTES)
		return -EINVAL;
	file->mode = (int)(stat.st_mode & 0777);
	free(file->text);
	file->text = calloc(1, (size_t)stat.st_size + 1);
	if (!file->text)
		return -ENOMEM;
	got = read(fd, file->text, (size_t)stat.st_size);
	if (got < 0)
		return -errno;
	return got == stat.st_size && strlen(file->text) == (size_t)got ? 0 : -EINVAL;
}

int place_read(struct place_file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), error;

	*file = (struct place_file){ .path = path, .text = strdup(""), .mode = 0644 };
	if (!file->text)
		return -ENOMEM;
	if (snprintf(file->old, sizeof file->old, "%s.ration-old", path) >= PATH_MAX
	    || snprintf(file->new, sizeof file->new, "%s.ration-new", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	file->there = true;
	error = read_all(file, fd);
	close(fd);
	return error;
}

void place_free(struct place_file *file)
{
	free(file->text);
	file->text = NULL;
}

/* A rename is on the disk when its folder is. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int write_new(const struct place_file *file, const char *text)
{
	size_t left = strlen(text);
	int fd, error = 0;

	unlink(file->new); /* of one who was killed */
	fd = open(file->new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (left > 0 && !error) {
		ssize_t put = write(fd, text, left);

		if (put < 0)
			error = -errno;
		else
			text += put, left -= (size_t)put;
	}
	if (!error && (fchmod(fd, (mode_t)file->mode) != 0 || fsync(fd) != 0))
		error = -errno;
	if (close(fd) != 0 && !error)
		error = -errno;
	if (error)
		unlink(file->new);
	return error;
}

int place_put(struct place_file *file, const char *text)
{
	int error = text ? write_new(file, text) : 0;

	if (error)
		return error;
	unlink(file->old);
	if (file->there && link(file->path, file->old) != 0)
		error = -errno;
	if (!error && text && rename(file->new, file->path) != 0)
		error = -errno;
	if (!error && !text && unlink(file->path) != 0 && errno != ENOENT)
		error = -errno;
	if (error) {
		unlink(file->new);
		unlink(file->old);
		return error;
	}
	sync_folder(file->path);
	return 0;
}

int place_restore(struct place_file *file)
{
	int failed = file->there ? rename(file->old, file->path) : unlink(file->path);

	if (failed && errno != ENOENT)
		return -errno;
	sync_folder(file->path);
	return 0;
}

void place_keep(struct place_file *file)
{
	unlink(file->old);
	sync_folder(file->path);
}
