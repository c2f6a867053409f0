/* SPDX-License-Identifier: MIT */
/* The owner of a name pays a clock read; whoever doubts it reads /proc. */
#define _GNU_SOURCE
#include "core/ident.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TICK_MS = 10,        /* starttime in /proc/PID/stat counts USER_HZ ticks, 100 a second */
	START_SLACK_MS = 20, /* and is cut off, not rounded */
};

uint64_t ident_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC, &clock_apart_ms);
}

uint64_t ident_boot_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME, &clock_boot_apart_ms);
}

uint64_t ident_self(void)
{
	return ident_boot_ms() << IDENT_PID_BITS | (uint32_t)getpid();
}

int ident_pid(uint64_t ident)
{
	return (int)(ident & ((1u << IDENT_PID_BITS) - 1));
}

uint32_t ident_namespace(void)
{
	char text[32]; /* pid:[4026531836] */
	ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text);
	uint32_t inode = 0;

	for (ssize_t i = 0; i < length; i++)
		if (text[i] >= '0' && text[i] <= '9')
			inode = inode * 10 + (uint32_t)(text[i] - '0');
	return inode;
}

/* What clock_getcpuclockid(3) answers, less its test that the process exists; 4: of a thread. */
static int read_cpu_ns(int id, unsigned kind, uint64_t *ns)
{
	clockid_t clock = (clockid_t)(~(unsigned)id << 3 | 2 | kind);
	struct timespec used;

	if (id < 1) /* 0 would be ourselves */
		return -EINVAL;
	if (clock_gettime(clock, &used) != 0)
		return -errno;
	*ns = (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
	return 0;
}

int ident_cpu_ns(int pid, uint64_t *ns)
{
	return read_cpu_ns(pid, 0, ns);
}

int ident_thread_ns(int tid, uint64_t *ns)
{
	return read_cpu_ns(tid, 4, ns);
}

static char *put_number(char *end, unsigned number)
{
	do
		*--end = (char)('0' + number % 10);
	while (number /= 10);
	return end;
}

static char *put_text(char *end, const char *text)
{
	for (size_t i = strlen(text); i > 0; i--)
		*--end = text[i - 1];
	return end;
}

/* Paths are put together from their ends; no stdio, we may be anywhere inside a guest. */
static const char *stat_path(char *text, size_t size, int pid)
{
	char *at = text + size - 1;

	*at = '\0';
	at = put_number(put_text(at, "/stat"), (unsigned)pid);
	return put_text(at, "/proc/");
}

const char *ident_children_path(char *text, size_t size, int pid)
{
	char *at = text + size - 1;

	*at = '\0';
	at = put_number(put_text(at, "/children"), (unsigned)pid);
	at = put_number(put_text(at, "/task/"), (unsigned)pid);
	return put_text(at, "/proc/");
}

struct stat_fields {
	char state;
	int threads;
	uint64_t start_ms;
};

static uint64_t number_at(const char *at)
{
	uint64_t number = 0;

	while (*at >= '0' && *at <= '9')
		number = number * 10 + (uint64_t)(*at++ - '0');
	return number;
}

/*
 * 4242 (python3) S 1 4242 4242 0 -1 4194304 ... : what follows the last ')' is, by
 * proc(5), field 3, the state; field 20 is the number of threads, 22 the start.
 */
static bool parse_stat(const char *text, struct stat_fields *fields)
{
	const char *at = strrchr(text, ')');

	if (!at || at[1] != ' ')
		return false;
	at += 2;
	fields->state = *at;
	for (int field = 3; field < 22; field++) {
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
		if (field + 1 == 20)
			fields->threads = (int)number_at(at);
	}
	fields->start_ms = number_at(at) * TICK_MS - (uint64_t)atomic_load(&clock_boot_apart_ms);
	return true;
}

/* A main thread that has left is a zombie too, while others of its process go on. */
static bool has_ended(const struct stat_fields *fields)
{
	return fields->state == 'X' || (fields->state == 'Z' && fields->threads <= 1);
}

/* 0, or -errno; -EIO if the file is not what we know. */
static int read_stat(int pid, struct stat_fields *fields)
{
	char path[32], text[512];
	ssize_t length;
	int fd = open(stat_path(path, sizeof path, pid), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length <= 0) /* it ended between the two */
		return -ESRCH;
	text[length] = '\0';
	return parse_stat(text, fields) ? 0 : -EIO;
}

bool ident_alive(uint64_t ident)
{
	int pid = ident_pid(ident), error;
	struct stat_fields fields = { 0 };

	if (pid < 1)
		return false;
	if (kill(pid, 0) != 0 && errno == ESRCH)
		return false;
	error = read_stat(pid, &fields);
	if (error == -ESRCH)
		return false;
	if (error == -ENOENT) /* it ended just now; or hidepid: then it answers to kill */
		return kill(pid, 0) == 0 || errno != ESRCH;
	if (error) /* no descriptor left, say */
		return true;
	/* A zombie answers kill and its clock; a later process may have its pid. */
	return !has_ended(&fields) && fields.start_ms <= (ident >> IDENT_PID_BITS) + START_SLACK_MS;
}

static bool is_busy(const struct stat_fields *fields)
{
	return fields->state == 'R' || fields->state == 'D';
}

char ident_state(int pid)
{
	struct stat_fields fields = { 0 };

	return (char)(read_stat(pid, &fields) == 0 ? fields.state : 0);
}

bool ident_is_busy(int pid)
{
	struct stat_fields fields = { .state = ident_state(pid) };

	return is_busy(&fields);
}

bool ident_is_young(int pid, int age_ms, bool busy)
{
	struct stat_fields fields = { 0 };

	if (read_stat(pid, &fields) != 0 || has_ended(&fields))
		return false;
	return ident_boot_ms() < fields.start_ms + (uint64_t)age_ms && (!busy || is_busy(&fields));
}
