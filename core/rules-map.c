/* SPDX-License-Identifier: MIT */
/*
 * From a path to a table that can be trusted. Whoever maps it goes by it for good, and would die
 * if it were cut off: so it is root's alone to write.
 */
#define _GNU_SOURCE
#include "core/rules.h"

#include "core/kernel.h"

#include <string.h>
#include <sys/mman.h>

enum { NOBODY = 65534 }; /* whom an owner without a place in a user namespace looks like */

/*
 * Not all ids have a place here: only then is NOBODY another's name. The first namespace, and one
 * that maps all, has a single line, "0 0 4294967295"; a new one has none.
 */
static bool in_user_namespace(void)
{
	int fd = kernel_open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	char text[64] = "";
	long length;

	if (fd < 0)
		return false;
	length = kernel_read(fd, text, sizeof text - 1);
	kernel_close(fd);
	return length >= 0 && !strstr(text, " 4294967295\n");
}

static int check(const struct stat *stat, const uint32_t *other, bool *stranger)
{
	*stranger = stat->st_uid == NOBODY && in_user_namespace();
	if (!S_ISREG(stat->st_mode) || (stat->st_mode & 022))
		return -EPERM;
	if (stat->st_uid != 0 && !*stranger && !(other && stat->st_uid == *other))
		return -EPERM;
	return stat->st_size < (off_t)sizeof(struct rules) ? -EINVAL : 0;
}

/* mmap's own errors are the last page of addresses. */
static const struct rules *map(int fd)
{
	long at = kernel_call(SYS_mmap, 0, sizeof(struct rules), PROT_READ, MAP_SHARED, fd, 0);

	return at < 0 && at > -RULES_PAGE ? NULL : (const struct rules *)at;
}

int rules_map(const char *path, const uint32_t *other, const struct rules **rules, bool *stranger)
{
	int fd = kernel_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	struct stat stat = { .st_size = 0 };
	int error;

	*rules = NULL;
	if (fd < 0)
		return fd;
	error = kernel_fstat(fd, &stat);
	if (!error)
		error = check(&stat, other, stranger);
	if (!error) {
		*rules = map(fd);
		error = *rules ? 0 : -ENOMEM;
	}
	kernel_close(fd);
	if (!error && !rules_good(*rules, sizeof **rules)) {
		kernel_call(SYS_munmap, (long)*rules, sizeof **rules, 0, 0, 0, 0);
		*rules = NULL;
		error = -EINVAL;
	}
	return error;
}
