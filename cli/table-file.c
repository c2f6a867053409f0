/* SPDX-License-Identifier: MIT */
/* The rules are in the header. Every byte goes through write(2): a full disk is an error there. */
#define _GNU_SOURCE
#include "cli/table-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct head {
	uint64_t magic;
	uint32_t version, size;
	uint64_t generation;
};

_Static_assert(sizeof(struct head) == offsetof(struct rules, filler), "all of its first page");

static int check(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0)
		return -errno;
	if (!S_ISREG(stat.st_mode) || stat.st_uid != geteuid() || (stat.st_mode & 022))
		return -EPERM;
	return stat.st_size < (off_t)sizeof(struct rules) ? -EINVAL : 0;
}

int table_file_read(const char *path, struct rule *rules, uint64_t *read_ns)
{
	uint32_t self = geteuid();
	const struct rules_half *half;
	const struct rules *table;
	uint64_t generation, sum;
	bool stranger;
	int error = rules_map(path, &self, &table, &stranger), count = 0;

	if (error || stranger) {
		if (!error)
			munmap((void *)(uintptr_t)table, sizeof *table);
		return error ? error : -EPERM;
	}
	do {
		generation = rules_generation(table);
		half = &table->halves[generation & 1];
		count = half->count <= RULES_MOST ? (int)half->count : 0;
		memcpy(rules, half->rules, (size_t)count * sizeof *rules);
		sum = half->count;
		for (int i = 0; i < count; i++)
			sum = rules_sum(sum, &rules[i]);
		error = sum == half->sum ? 0 : -EINVAL;
		*read_ns = half->read_ns;
	} while (rules_generation(table) != generation);
	munmap((void *)(uintptr_t)table, sizeof *table);
	return error ? error : count;
}

static int put(int fd, const void *bytes, size_t size, size_t at)
{
	ssize_t done = pwrite(fd, bytes, size, (off_t)at);

	if (done < 0)
		return -errno;
	return done == (ssize_t)size ? 0 : -ENOSPC; /* it writes less, without a word */
}

static int put_half(int fd, int which, const struct rule *rules, size_t count, uint64_t read_ns)
{
	size_t at = offsetof(struct rules, halves) + (size_t)which * sizeof(struct rules_half);
	struct rules_half *half = calloc(1, sizeof *half);
	int error;

	if (!half)
		return -ENOMEM;
	half->count = (uint32_t)count;
	half->read_ns = read_ns;
	half->sum = count;
	if (count > 0)
		memcpy(half->rules, rules, count * sizeof *rules);
	for (size_t i = 0; i < count; i++)
		half->sum = rules_sum(half->sum, &rules[i]);
	error = put(fd, half, offsetof(struct rules_half, rules) + count * sizeof *rules, at);
	free(half);
	return error;
}

static int put_generation(int fd, uint64_t generation)
{
	int error = put(fd, &generation, sizeof generation, offsetof(struct rules, generation));

	return error || fdatasync(fd) == 0 ? error : -errno;
}

/* The half that does not hold is filled, and on the disk, before the generation counts on. */
static int change(int fd, const struct rule *rules, size_t count, uint64_t read_ns)
{
	uint64_t generation;
	int error;

	if (pread(fd, &generation, sizeof generation, offsetof(struct rules, generation))
	    != sizeof generation)
		return -EIO;
	error = put_half(fd, (generation + 1) & 1, rules, count, read_ns);
	if (!error && fdatasync(fd) != 0)
		error = -errno;
	return error ? error : put_generation(fd, generation + 1);
}

static int fill(int fd, const struct rule *rules, size_t count, uint64_t read_ns)
{
	/* Another number each time: who has been told of an earlier table is told of this one. */
	struct head head = { RULES_MAGIC, RULES_VERSION, sizeof(struct rules), read_ns << 1 };
	int error;

	if (ftruncate(fd, sizeof(struct rules)) != 0)
		return -errno;
	error = put_half(fd, 0, rules, count, read_ns);
	if (!error)
		error = put(fd, &head, sizeof head, 0);
	if (!error && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		error = -errno;
	return error;
}

static int sync_folder(const char *path)
{
	char folder[PATH_MAX], *slash;
	int fd, error = 0;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int make(const char *path, const struct rule *rules, size_t count, uint64_t read_ns)
{
	char new[PATH_MAX];
	int fd, error;

	if (snprintf(new, sizeof new, "%s.ration-new", path) >= (int)sizeof new)
		return -ENAMETOOLONG;
	unlink(new); /* of one who was killed */
	fd = open(new, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = fill(fd, rules, count, read_ns);
	if (close(fd) != 0 && !error)
		error = -errno;
	if (!error && rename(new, path) != 0)
		error = -errno;
	if (error)
		unlink(new);
	return error ? error : sync_folder(path);
}

static bool can_change(int fd)
{
	struct rules *table = mmap(NULL, sizeof *table, PROT_READ, MAP_SHARED, fd, 0);
	bool good = table != MAP_FAILED && rules_good(table, sizeof *table);

	if (table != MAP_FAILED)
		munmap(table, sizeof *table);
	return good;
}

/* Those who have mapped it look for another one from now on. */
static void leave(int fd)
{
	if (check(fd) == 0 && can_change(fd))
		put_generation(fd, RULES_GONE);
}

int table_file_write(const char *path, const struct rule *rules, size_t count, uint64_t read_ns)
{
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), error = -EINVAL;

	if (fd < 0 && errno != ENOENT && errno != ELOOP)
		return -errno;
	if (fd >= 0) {
		error = check(fd);
		if (!error)
			error = can_change(fd) ? change(fd, rules, count, read_ns) : -EINVAL;
		close(fd);
	}
	return error == -EINVAL || error == -EPERM ? make(path, rules, count, read_ns) : error;
}

int table_file_remove(const char *path)
{
	char new[PATH_MAX];
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (snprintf(new, sizeof new, "%s.ration-new", path) < (int)sizeof new)
		unlink(new);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (unlink(path) != 0) {
		int error = -errno;

		if (fd >= 0)
			close(fd);
		return error;
	}
	if (fd >= 0) {
		leave(fd);
		close(fd);
	}
	sync_folder(path);
	return 1;
}
