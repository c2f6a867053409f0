/* SPDX-License-Identifier: MIT */
/* Files that the kernel makes up, in /proc and /sys/fs/cgroup: short, and read to the end. */
#ifndef RATION_PROCFILE_H
#define RATION_PROCFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What it says, as text, of which size - 1 bytes are kept: their number, 0 if there are none. */
size_t procfile_read(const char *path, char *text, size_t size);

/* The same, below an open folder; one of /proc stands for its process, and for no later one. */
size_t procfile_read_in(int folder, const char *path, char *text, size_t size);

/*
 * The same in a child, for a limited time (conf/apart.h): what the kernel has to ask a process's
 * memory for can be a page that a user's file system never brings. Its length, or -errno.
 */
ssize_t procfile_read_apart(const char *path, char *text, size_t size);

/* The first line of such a file that has these words, less its end; "" and false: none. */
bool procfile_line_apart(const char *path, const char *words, char *line, size_t size);

#endif
