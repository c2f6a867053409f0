/* SPDX-License-Identifier: MIT */
/*
 * The file of the table, written: in place under a generation, for those who have mapped it, and
 * whole where there is none to change. Killed at any moment, it leaves what was or what is wanted.
 */
#ifndef RATION_TABLE_FILE_H
#define RATION_TABLE_FILE_H

#include "core/rules.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The rules that are in force in it, into room for RULES_MOST; how many, or -errno: -ENOENT,
 * -EPERM: not root's alone (or ours), -EINVAL: no table of this version, or damaged.
 */
int table_file_read(const char *path, struct rule *rules, uint64_t *read_ns);

/* Say that of it. 0 or -errno. */
int table_file_write(const char *path, const struct rule *rules, size_t count, uint64_t read_ns);

/* 1: done, 0: there is none, -errno. */
int table_file_remove(const char *path);

#endif
