/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for the readers of what /proc says of others' processes, the names that these give
 * themselves and their groups included (`make fuzz-proc`; libFuzzer), and for what of it reaches a
 * terminal.
 */
#define _GNU_SOURCE
#include "cli/machine.h"
#include "cli/owner.h"
#include "cli/preload.h"
#include "cli/say.h"
#include "cli/stat.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char root[64];

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text)
{
	char *out = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&out, &length);

	insist(memory != NULL);
	say_text(memory, text);
	say(memory, "%s\n", text);
	fclose(memory);
	for (size_t i = 0; i < length; i++)
		insist((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
	/* A control character of two bytes: U+0080 to U+009f. */
	for (size_t i = 0; i + 1 < length; i++)
		insist(!((unsigned char)out[i] == 0xc2 && (unsigned char)out[i + 1] < 0xa0));
	free(out);
}

static void put_file(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	insist(fd >= 0 && write(fd, text, strlen(text)) >= 0);
	close(fd);
}

static void sweep(void)
{
	static const char *const parts[] = { "proc/self/cgroup",
					     "proc/self/mountinfo",
					     "g/cpu.max",
					     "proc/self",
					     "proc",
					     "g",
					     "." };
	char path[128];

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(path, sizeof path, "%s/%s", root, parts[i]);
		remove(path);
	}
	rmdir(root);
}

static void make_root(void)
{
	static const char *const folders[] = { "proc", "proc/self", "g" };
	char path[128];

	snprintf(root, sizeof root,
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz-%d" : "/tmp/fuzz-%d", getpid());
	insist(mkdir(root, 0700) == 0);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", root, folders[i]);
		insist(mkdir(path, 0700) == 0);
	}
	atexit(sweep);
}

/* In its first half the groups, in its second the mounts; or, with true lines, their contents. */
static void check_machine(const char *text, size_t size)
{
	static struct machine machine;
	char *half = strndup(text, size / 2);
	bool whole = size & 2;

	put_file("proc/self/cgroup", whole ? "0::/\n" : half);
	put_file("proc/self/mountinfo",
		 whole ? "1 2 3:4 / /g rw - cgroup2 cgroup2 rw\n" : text + strlen(half));
	put_file("g/cpu.max", text);
	insist(machine_read(&machine, 0, root) == 0);
	insist(machine.cpuset >= 0 && machine.quota >= 0 && machine.online > 0);
	check_text(machine.quota_at);
	free(half);
}

static void check_preload(const char *text)
{
	char *more = preload_add(text, "/a/b/libration.so"),
	     *less = more ? preload_remove(more) : NULL;

	insist(more && less);
	insist(preload_names(more, "/a/b/libration.so"));
	insist(!preload_names(less, "/a/b/libration.so"));
	free(more);
	free(less);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct stat_line line;

	if (!*root)
		make_root();
	memcpy(text, bytes, size);
	text[size] = '\0';
	setenv("LC_ALL", size & 1 ? "C.UTF-8" : "C", 1);
	stat_parse(text, &line);
	insist(machine_count(text) >= 0);
	insist(owner_parse(text, 0) <= OWNER_OTHER);
	check_text(text);
	check_preload(text);
	check_machine(text, size);
	free(text);
	return 0;
}
