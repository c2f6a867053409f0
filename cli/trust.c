/* SPDX-License-Identifier: MIT */
/* Everything is checked from the root down: who can rename a folder has what is in it. */
#define _GNU_SOURCE
#include "cli/trust.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check(const char *path, bool folder, char *problem, size_t size)
{
	int wanted = folder ? 0555 : 0444;
	struct stat stat;

	if (lstat(path, &stat) != 0)
		snprintf(problem, size, "%s: %s", path, strerror(errno));
	else if (folder ? !S_ISDIR(stat.st_mode) : !S_ISREG(stat.st_mode))
		snprintf(problem, size, "%s: is no %s", path, folder ? "folder" : "regular file");
	else if (stat.st_uid != 0)
		snprintf(problem, size, "%s: belongs to uid %u; have root own it: chown root %s",
			 path, (unsigned)stat.st_uid, path);
	else if (stat.st_mode & 022)
		snprintf(problem, size,
			 "%s: can be written by others than root; end that: chmod go-w %s, or "
			 "install ration elsewhere",
			 path, path);
	else if (((int)stat.st_mode & wanted & 0111) != (wanted & 0111)
		 || (!folder && ((int)stat.st_mode & wanted) != wanted))
		snprintf(problem, size,
			 "%s: not all users can read it; let them: chmod %s %s, or install ration "
			 "elsewhere",
			 path, folder ? "a+x" : "a+r", path);
	else
		return true;
	return false;
}

bool trust_library(const char *path, char *problem, size_t size)
{
	char part[PATH_MAX];

	if (strpbrk(path, " \t\n:#$%")) {
		snprintf(problem, size,
			 "%s: the loader cannot be told such a path; install ration where there is "
			 "no space, colon, # or $ in it",
			 path);
		return false;
	}
	/* It is also written into what a shell reads. */
	if (strpbrk(path, "'\"`\\")) {
		snprintf(problem, size,
			 "%s: a shell cannot be told such a path; install ration where there is no "
			 "quote and no backslash in it",
			 path);
		return false;
	}
	if (!check("/", true, problem, size))
		return false;
	for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (!check(part, true, problem, size))
			return false;
	}
	return check(path, false, problem, size);
}

/* Where the table of segments ends, and -1 for what is no ELF file. */
static off_t segments_end(const unsigned char *start)
{
	const Elf64_Ehdr *wide = (const Elf64_Ehdr *)start;
	const Elf32_Ehdr *narrow = (const Elf32_Ehdr *)start;

	if (wide->e_ident[EI_CLASS] == ELFCLASS64)
		return (off_t)(wide->e_phoff + (Elf64_Off)wide->e_phnum * wide->e_phentsize);
	if (wide->e_ident[EI_CLASS] == ELFCLASS32)
		return (off_t)narrow->e_phoff + narrow->e_phnum * narrow->e_phentsize;
	return -1;
}

bool trust_sealed(const char *path)
{
	_Alignas(Elf64_Ehdr) unsigned char start[sizeof(Elf64_Ehdr)];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	bool sealed;

	if (fd < 0)
		return false;
	sealed = fstat(fd, &stat) == 0 && read(fd, start, sizeof start) == sizeof start
		 && segments_end(start) == stat.st_size;
	close(fd);
	return sealed;
}
