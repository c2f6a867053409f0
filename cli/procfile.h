/* SPDX-License-Identifier: MIT */
/* Files that the kernel makes up, in /proc and /sys/fs/cgroup: short, and read to the end. */
#ifndef RATION_PROCFILE_H
#define RATION_PROCFILE_H

#include <stddef.h>

/* What it says, as text, of which size - 1 bytes are kept: their number, 0 if there are none. */
size_t procfile_read(const char *path, char *text, size_t size);

#endif
