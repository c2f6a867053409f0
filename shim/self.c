/* SPDX-License-Identifier: MIT */
/*
 * What this process is, as the kernel says when it is needed and not before: nothing is kept,
 * nothing allocated but for who is in more groups than most.
 */
#define _GNU_SOURCE
#include "shim/self.h"

#include "core/cpus.h"
#include "core/kernel.h"

#include <string.h>
#include <sys/mman.h>

enum { STATUS_SIZE = 4096, GROUPS_MOST = 65536 };

static long ask_kernel(long number)
{
	return kernel_call(number, 0, 0, 0, 0, 0, 0);
}

uint32_t self_uid(void)
{
	return (uint32_t)ask_kernel(SYS_geteuid);
}

/* Of "\nUid:\t1000\t1000\t1000\t1000\n", by its name: how many numbers. -1: it is not whole. */
static int numbers_of(const char *text, const char *name, uint32_t *numbers, int room)
{
	const char *at = strstr(text, name);
	int count = 0;

	if (!at)
		return -1;
	for (at += strlen(name); *at == ' ' || *at == '\t';) {
		uint32_t number = 0;

		at++;
		if (*at < '0' || *at > '9')
			continue;
		for (; *at >= '0' && *at <= '9'; at++)
			number = number * 10 + (uint32_t)(*at - '0');
		if (count == room)
			return -1;
		numbers[count++] = number;
	}
	return *at == '\n' ? count : -1;
}

static void read_ids(const char *text, struct self *self)
{
	uint32_t uids[4], gids[4];

	/* Its head is always there; should it be another text, it is taken for a filter's. */
	self->filtered = numbers_of(text, "\nUid:", uids, 4) != 4
			 || numbers_of(text, "\nGid:", gids, 4) != 4;
	if (self->filtered)
		return;
	self->plays = uids[0] != uids[1] || gids[0] != gids[1];
	self->uid = uids[1];
	self->group_count = numbers_of(text, "\nGroups:", self->groups, SELF_GROUPS) + 1;
	if (self->group_count > 0)
		self->groups[self->group_count - 1] = gids[1];
}

/* In a chroot without /proc. */
static void ask_ids(struct self *self)
{
	self->uid = self_uid();
	self->plays = ask_kernel(SYS_getuid) != (long)self->uid
		      || ask_kernel(SYS_getgid) != ask_kernel(SYS_getegid);
}

/*
 * A program in a sandbox is left alone: a call its filter does not know of may end it (seccomp's
 * default).
 */
void self_read(struct self *self)
{
	static const char wanted[] = "\nSeccomp:\t";
	char text[STATUS_SIZE], *at;
	size_t kept = 0;
	int fd = kernel_open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	long got;

	*self = (struct self){ .filtered = fd < 0 && fd != -ENOENT };
	if (fd < 0) {
		if (!self->filtered)
			ask_ids(self);
		return;
	}
	got = kernel_read(fd, text, sizeof text - 1);
	text[got > 0 ? got : 0] = '\0';
	read_ids(text, self);
	/* Who is in thousands of groups has more than one reading of them. */
	while (!(at = strstr(text, wanted)) && got > 0) {
		kept = strlen(text) < sizeof wanted ? strlen(text) : sizeof wanted;
		memmove(text, text + strlen(text) - kept, kept);
		got = kernel_read(fd, text + kept, sizeof text - 1 - kept);
		text[kept + (size_t)(got > 0 ? got : 0)] = '\0';
	}
	kernel_close(fd);
	self->filtered |= at ? at[sizeof wanted - 1] != '0' : got < 0;
}

static int judge(const struct rules *rules, const struct rules_who *who,
		 struct rules_verdict *verdict)
{
	int error = rules_judge(rules, who, 0, verdict);

	/* CPUs are counted only for who has a part of them. */
	return error == -ENODATA ? rules_judge(rules, who, cpus_online(), verdict) : error;
}

static int judge_many(const struct rules *rules, const struct rules_who *as, uint32_t *groups,
		      int room, struct rules_verdict *verdict)
{
	long count = kernel_call(SYS_getgroups, room, (long)groups, 0, 0, 0, 0);
	struct rules_who who = *as;

	if (count < 0)
		return (int)count;
	groups[count] = (uint32_t)ask_kernel(SYS_getegid);
	who.groups = groups;
	who.group_count = (int)count + 1;
	return judge(rules, &who, verdict);
}

/* As the kernel has its groups; the array has room for one more, which is the primary group. */
static int judge_asking(const struct rules *rules, const struct rules_who *who,
			struct rules_verdict *verdict)
{
	size_t size = (GROUPS_MOST + 1) * sizeof(uint32_t);
	uint32_t few[SELF_GROUPS + 1];
	int error = judge_many(rules, who, few, SELF_GROUPS, verdict);
	long many;

	if (error != -EINVAL)
		return error;
	many = kernel_call(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (many < 0 && many > -RULES_PAGE)
		return (int)many;
	error = judge_many(rules, who, (uint32_t *)many, GROUPS_MOST, verdict);
	kernel_call(SYS_munmap, many, (long)size, 0, 0, 0, 0);
	return error;
}

int self_judge(const struct self *self, const struct rules *rules, bool stranger,
	       struct rules_verdict *verdict)
{
	struct rules_who who = { .uid = self->uid,
				 .groups = self->groups,
				 .group_count = self->group_count,
				 .stranger = stranger };

	return self->group_count > 0 ? judge(rules, &who, verdict)
				     : judge_asking(rules, &who, verdict);
}

int self_judge_now(const struct rules *rules, bool stranger, struct rules_verdict *verdict)
{
	struct rules_who who = { .uid = self_uid(), .stranger = stranger };

	return judge_asking(rules, &who, verdict);
}
