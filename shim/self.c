/* SPDX-License-Identifier: MIT */
/*
 * What this process is, asked of the kernel by number and in line, when it is needed and not
 * before: nothing is kept, nothing allocated but for who is in more groups than most.
 */
#define _GNU_SOURCE
#include "shim/self.h"

#include "core/cpus.h"
#include "core/kernel.h"

#include <sys/mman.h>

enum { GROUPS = 64, GROUPS_MOST = 65536 };

static long ask_kernel(long number)
{
	return kernel_call(number, 0, 0, 0, 0, 0, 0);
}

uint32_t self_uid(void)
{
	return (uint32_t)ask_kernel(SYS_geteuid);
}

/*
 * A program in a sandbox is left alone: a call its filter does not know of may end it (seccomp's
 * default). To open and read a file is what the loader has done as well.
 */
bool self_filtered(void)
{
	static const char wanted[] = "\nSeccomp:\t";
	char text[256] = "";
	size_t matched = 0;
	long length = 0;
	int fd = kernel_open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fd != -ENOENT; /* no /proc, in a chroot */
	while ((length = kernel_read(fd, text, sizeof text)) > 0)
		for (long i = 0; i < length; i++) {
			if (!wanted[matched]) {
				kernel_close(fd);
				return text[i] != '0';
			}
			matched = text[i] == wanted[matched] ? matched + 1 : text[i] == '\n';
		}
	kernel_close(fd);
	return length < 0;
}

/* Nor is one while it plays another user. */
bool self_plays(void)
{
	return ask_kernel(SYS_getuid) != ask_kernel(SYS_geteuid)
	       || ask_kernel(SYS_getgid) != ask_kernel(SYS_getegid);
}

/* As the kernel has them; the array has room for one more, which is the primary group. */
static int read_groups(uint32_t *groups, int room)
{
	long count = kernel_call(SYS_getgroups, room, (long)groups, 0, 0, 0, 0);

	if (count < 0)
		return (int)count;
	groups[count] = (uint32_t)ask_kernel(SYS_getegid);
	return (int)count + 1;
}

static int judge_with(const struct rules *rules, bool stranger, uint32_t *groups, int room,
		      struct rules_verdict *verdict)
{
	struct rules_who who = { .uid = (uint32_t)ask_kernel(SYS_geteuid),
				 .groups = groups,
				 .group_count = read_groups(groups, room),
				 .stranger = stranger };

	return who.group_count < 0 ? who.group_count
				   : rules_judge(rules, &who, cpus_online(), verdict);
}

int self_judge(const struct rules *rules, bool stranger, struct rules_verdict *verdict)
{
	size_t size = (GROUPS_MOST + 1) * sizeof(uint32_t);
	uint32_t few[GROUPS + 1];
	int error = judge_with(rules, stranger, few, GROUPS, verdict);
	long many;

	if (error != -EINVAL)
		return error;
	many = kernel_call(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (many < 0 && many > -RULES_PAGE)
		return (int)many;
	error = judge_with(rules, stranger, (uint32_t *)many, GROUPS_MOST, verdict);
	kernel_call(SYS_munmap, many, (long)size, 0, 0, 0, 0);
	return error;
}
