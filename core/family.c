/* SPDX-License-Identifier: MIT */
/* The rules are in the header. /proc/PID/task/PID/children needs CONFIG_PROC_CHILDREN. */
#define _GNU_SOURCE
#include "core/family.h"

#include "core/ident.h"

#include <fcntl.h>
#include <unistd.h>

static bool listed(struct ledger *ledger, uint32_t space, int pid)
{
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &ledger->rows[i];
		uint64_t owner = atomic_load_explicit(&row->owner, memory_order_relaxed);

		if (owner && ident_pid(owner) == pid && atomic_load(&row->space) == space)
			return true;
	}
	return false;
}

/* "4242 4243 4250 " */
static int count_young(struct ledger *ledger, uint32_t space, const char *children)
{
	int pending = 0, looked_at = 0, pid = 0;

	for (; *children && looked_at < FAMILY_MOST; children++) {
		if (*children >= '0' && *children <= '9') {
			pid = pid * 10 + (*children - '0');
			continue;
		}
		if (pid > 0 && !listed(ledger, space, pid)
		    && ident_is_young(pid, FAMILY_YOUNG_MS, true))
			pending++;
		looked_at++;
		pid = 0;
	}
	return pending;
}

int family_pending(struct ledger *ledger, uint32_t space, int parent)
{
	char path[64], text[2048];
	ssize_t length;
	int fd = open(ident_children_path(path, sizeof path, parent), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	return count_young(ledger, space, text);
}
