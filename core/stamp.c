/* SPDX-License-Identifier: MIT */
/*
 * Size, inode, and the times of the last change of content (mtime) and of owner or mode
 * (ctime, which nobody can set back). statx by number: its structure is the kernel's, and
 * libc's stat has a symbol version of its own.
 */
#define _GNU_SOURCE
#include "core/stamp.h"

#include "core/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static uint32_t mix(uint32_t hash, uint64_t value)
{
	uint64_t mixed = (hash ^ value) * 0x9e3779b97f4a7c15u;

	mixed ^= mixed >> 32;
	return (uint32_t)((mixed * 0xd6e8feb86659fd93u) >> 32);
}

static uint64_t nanoseconds(const struct statx_timestamp *time)
{
	return (uint64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static uint32_t add_file(uint32_t hash, const char *path)
{
	struct statx file;

	if (syscall(SYS_statx, AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &file) != 0)
		return mix(hash, (uint64_t)errno << 32 | 1);
	hash = mix(hash, nanoseconds(&file.stx_mtime));
	hash = mix(hash, nanoseconds(&file.stx_ctime));
	return mix(hash, file.stx_size << 24 ^ file.stx_ino);
}

static bool put_path(char path[PATH_SIZE], const char *folder, const char *name)
{
	size_t length = strlen(folder), more = strlen(name);

	if (*folder != '/' || length + more >= PATH_SIZE)
		return false;
	memmove(path, folder, length); /* cheaper to link than memcpy: see the Makefile */
	memmove(path + length, name, more);
	path[length + more] = '\0';
	return true;
}

/* 0: not known. */
static uint32_t own(const struct stamp_names *names)
{
	char path[PATH_SIZE];
	bool known = false;

	if (names->config)
		known = put_path(path, names->config, "/ration.conf");
	if (!known && names->home)
		known = put_path(path, names->home, "/.config/ration.conf");
	return known ? add_file(1, path) | 1 : 0;
}

uint64_t stamp_read_site(const struct stamp_names *names)
{
	uint32_t site = add_file(1, ENV_SITE_FILE);

	if (names->other)
		site = *names->other ? add_file(site, names->other) : mix(site, 1);
	return (uint64_t)(site | 1) << 32;
}

uint64_t stamp_read(const struct stamp_names *names)
{
	return stamp_read_site(names) | own(names);
}

bool stamp_same(uint64_t stamp, uint64_t other)
{
	return stamp >> 32 == other >> 32
	       && (stamp == other || !(uint32_t)stamp || !(uint32_t)other);
}
