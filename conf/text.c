/* SPDX-License-Identifier: MIT */
/*
 * A configuration file is opened as if it were hostile: a FIFO must not block us, to open a
 * device can have effects, a directory makes flex exit (libconfuse 3.3: "input in flex scanner
 * failed"), and a file that others can write is not the owner's word. That of another user is
 * opened as that user, for the way to it may be a link to what he may not read (apart.h).
 */
#define _GNU_SOURCE
#include "conf/text.h"

#include "conf/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_kind(struct conf *conf, const char *path, const struct stat *stat)
{
	if (S_ISDIR(stat->st_mode))
		return conf_complain(conf, path, 0, "is a directory; give a file");
	if (!S_ISREG(stat->st_mode))
		return conf_complain(conf, path, 0, "is no regular file; give one");
	if (stat->st_size > CONF_BYTES)
		return conf_complain(conf, path, 0,
				     "is larger than 1 MiB; is it the right file? parts of one "
				     "can be brought in with include");
	return 0;
}

static int check_owner(struct conf *conf, const char *path, const struct stat *stat, uid_t owner)
{
	if (stat->st_uid != 0 && stat->st_uid != owner) {
		if (owner == 0)
			return conf_complain(conf, path, 0,
					     "belongs to uid %u; have root own it: chown root %s",
					     (unsigned)stat->st_uid, path);
		return conf_complain(conf, path, 0,
				     "belongs to uid %u; it has to be root's, or that of uid %u",
				     (unsigned)stat->st_uid, (unsigned)owner);
	}
	/* Of a user's own file, a group of his own may be a writer (umask 002). */
	if (owner == 0 && (stat->st_mode & 022))
		return conf_complain(conf, path, 0,
				     "can be written by others than root; end that: chmod go-w %s",
				     path);
	if (stat->st_mode & 002)
		return conf_complain(conf, path, 0, "can be written by all; end that: chmod o-w %s",
				     path);
	return 0;
}

/* A file as it was found. What is no regular file, or too large, is not read. */
struct found {
	struct stat stat;
	size_t length; /* more than CONF_BYTES: it has grown since */
	char text[CONF_BYTES + 2];
};

static int read_all(int fd, struct found *found)
{
	ssize_t got = 0;

	while (found->length <= CONF_BYTES
	       && (got = read(fd, found->text + found->length, CONF_BYTES + 1 - found->length)) > 0)
		found->length += (size_t)got;
	return got < 0 ? -errno : 0;
}

/* What has been looked at is what is opened, though its name may be another's by now. */
static int open_looked_at(int looked, const char *path, const struct stat *was)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, fd;
	struct stat stat;
	char name[32];

	snprintf(name, sizeof name, "/proc/self/fd/%d", looked);
	fd = open(name, flags);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	fd = open(path, flags); /* there is no /proc */
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat) == 0 && stat.st_dev == was->st_dev && stat.st_ino == was->st_ino)
		return fd;
	close(fd);
	return -ESTALE;
}

/* path, into a struct found. 0 or -errno. */
static int find(const void *path, void *room)
{
	struct found *found = room;
	int looked = open(path, O_PATH | O_CLOEXEC), error = 0, fd;

	if (looked < 0)
		return -errno;
	if (fstat(looked, &found->stat) != 0)
		error = -errno;
	else if (S_ISREG(found->stat.st_mode) && found->stat.st_size <= CONF_BYTES) {
		fd = open_looked_at(looked, path, &found->stat);
		error = fd < 0 ? fd : read_all(fd, found);
		if (fd >= 0)
			close(fd);
	}
	close(looked);
	return error;
}

static char *take(struct conf *conf, struct conf_file *file, struct found *found, uid_t owner)
{
	struct stat *stat = &found->stat;
	char *text;

	if (check_kind(conf, file->path, stat) != 0
	    || check_owner(conf, file->path, stat, owner) != 0)
		return NULL;
	file->device = stat->st_dev;
	file->inode = stat->st_ino;
	/* It has grown since; and what holds a zero byte is no text. */
	stat->st_size = (off_t)found->length;
	if (found->length <= CONF_BYTES)
		found->text[found->length] = '\0';
	if (check_kind(conf, file->path, stat) != 0)
		return NULL;
	if (strlen(found->text) != found->length) {
		conf_complain(conf, file->path, 0, "holds a zero byte; save it as plain text");
		return NULL;
	}
	text = strdup(found->text);
	if (!text)
		conf_complain(conf, file->path, 0, "%s", strerror(ENOMEM));
	return text;
}

/* Of another's file nobody is told to open it to all: it may be a link to what is not. */
static void complain(struct conf *conf, const char *path, int error, bool others)
{
	if (error == -EACCES && !others)
		conf_complain(conf, path, 0, "%s; let all who use ration read it: chmod a+r %s",
			      strerror(-error), path);
	else if (error == -ETIMEDOUT)
		conf_complain(conf, path, 0, "did not answer within %d s", APART_MS / 1000);
	else
		conf_complain(conf, path, 0, "%s", strerror(-error));
}

char *conf_text_read(struct conf *conf, struct conf_file *file, uid_t owner, bool *missing)
{
	struct found *found = apart_room(sizeof *found);
	bool others = geteuid() == 0 && owner != 0;
	char *text = NULL;
	int error;

	if (!found) {
		conf_complain(conf, file->path, 0, "%s", strerror(ENOMEM));
		return NULL;
	}
	error = others ? apart_run(owner, find, file->path, found) : find(file->path, found);
	if (!error)
		text = take(conf, file, found, owner);
	*missing = error == -ENOENT || error == -ENOTDIR;
	if (error && !*missing)
		complain(conf, file->path, error, others);
	apart_free(found, sizeof *found);
	return text;
}
