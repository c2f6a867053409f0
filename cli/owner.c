/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/owner.h"

#include "cli/procfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UIDS = 4 };

/* A name may hold what it likes, but no line end: the kernel writes it as \n (proc(5)). */
enum owner owner_parse(const char *status, uid_t uid)
{
	const char *at = strstr(status, "\nUid:\t");
	char *end;

	if (!at)
		return OWNER_HIDDEN;
	at += strlen("\nUid:\t");
	for (int i = 0; i < UIDS; i++, at = end) {
		unsigned long one = strtoul(at, &end, 10);

		if (end == at)
			return OWNER_HIDDEN;
		if (one != uid)
			return OWNER_OTHER;
	}
	return OWNER_SAME;
}

enum owner owner_is(pid_t pid, uid_t uid)
{
	char path[32], text[2048];

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	return procfile_read(path, text, sizeof text) ? owner_parse(text, uid) : OWNER_HIDDEN;
}
