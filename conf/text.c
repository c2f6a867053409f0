/* SPDX-License-Identifier: MIT */
/*
 * A configuration file is opened as if it were hostile: a FIFO must not block us, a
 * directory makes flex exit (libconfuse 3.3: "input in flex scanner failed"), and a
 * file that others can write is not the owner's word.
 */
#define _GNU_SOURCE
#include "conf/text.h"

#include <errno.h>
#include <fcntl.h>
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

/* NULL: no memory, or a read error; errno says which. More than CONF_BYTES are not kept. */
static char *read_all(int fd, size_t *length)
{
	char *text = malloc(CONF_BYTES + 2);
	ssize_t got = 0;

	*length = 0;
	while (text && *length <= CONF_BYTES
	       && (got = read(fd, text + *length, CONF_BYTES + 1 - *length)) > 0)
		*length += (size_t)got;
	if (text && got < 0) {
		free(text);
		return NULL;
	}
	if (text)
		text[*length] = '\0';
	return text;
}

static char *read_open(struct conf *conf, struct conf_file *file, int fd, uid_t owner)
{
	struct stat stat;
	size_t length;
	char *text;

	if (fstat(fd, &stat) != 0) {
		conf_complain(conf, file->path, 0, "%s", strerror(errno));
		return NULL;
	}
	if (check_kind(conf, file->path, &stat) != 0
	    || check_owner(conf, file->path, &stat, owner) != 0)
		return NULL;
	file->device = stat.st_dev;
	file->inode = stat.st_ino;
	text = read_all(fd, &length);
	if (!text) {
		conf_complain(conf, file->path, 0, "%s", strerror(errno));
		return NULL;
	}
	/* It has grown since; and what holds a zero byte is no text. */
	stat.st_size = (off_t)length;
	if (check_kind(conf, file->path, &stat) == 0 && strlen(text) == length)
		return text;
	conf_complain(conf, file->path, 0, "holds a zero byte; save it as plain text");
	free(text);
	return NULL;
}

char *conf_text_read(struct conf *conf, struct conf_file *file, uid_t owner, bool *missing)
{
	struct stat stat_before;
	char *text = NULL;
	int fd = -1;

	/* Asked first: to open a device can have effects of its own. */
	if (stat(file->path, &stat_before) == 0) {
		if (check_kind(conf, file->path, &stat_before) != 0)
			return NULL;
		fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (fd >= 0) {
		text = read_open(conf, file, fd, owner);
		close(fd);
		return text;
	}
	*missing = errno == ENOENT || errno == ENOTDIR;
	if (!*missing && errno == EACCES)
		conf_complain(conf, file->path, 0,
			      "%s; let all who use ration read it: chmod a+r %s", strerror(errno),
			      file->path);
	else if (!*missing)
		conf_complain(conf, file->path, 0, "%s", strerror(errno));
	return NULL;
}
