/* SPDX-License-Identifier: MIT */
/*
 * Walks /proc/PID/task/TID/children from the root down: a queue of processes, no recursion.
 * The law of this file: whatever ends while we look is not an error, and whatever else goes wrong
 * is; a sample is either whole or not given.
 */
#define _GNU_SOURCE
#include "cli/tree.h"

#include "cli/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tree {
	pid_t root;
	struct tasks tasks;
	pid_t *queue; /* the processes of this pass */
	size_t queue_room, queued;
	char *text; /* the file just read */
	size_t text_room;
};

static bool gone(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

/* A file of a task, whole, into tree->text as a string. Returns its length or -errno. */
static int read_file(struct tree *tree, int task_dir, int tid, const char *file)
{
	char name[32], *more;
	size_t length = 0;
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%d/%s", tid, file);
	fd = openat(task_dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, tree->text + length, tree->text_room - 1 - length)) > 0) {
		length += n;
		if (length < tree->text_room - 1)
			continue;
		more = realloc(tree->text, tree->text_room * 2);
		if (!more) {
			n = -1;
			break;
		}
		tree->text = more;
		tree->text_room *= 2;
	}
	n = n < 0 ? -errno : (ssize_t)length;
	close(fd);
	tree->text[length] = '\0';
	return n;
}

static int queue_add(struct tree *tree, pid_t pid)
{
	if (tree->queued == tree->queue_room) {
		size_t room = tree->queue_room ? tree->queue_room * 2 : 64;
		pid_t *more = realloc(tree->queue, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		tree->queue = more;
		tree->queue_room = room;
	}
	tree->queue[tree->queued++] = pid;
	return 0;
}

/* "1234 1240 1241 ": the processes that this task made, or inherited. */
static int queue_children(struct tree *tree, int task_dir, int tid)
{
	int error = read_file(tree, task_dir, tid, "children");
	char *at = tree->text, *end;
	pid_t pid;

	if (error < 0)
		return error;
	for (error = 0; !error && (pid = strtol(at, &end, 10)) > 0; at = end)
		error = queue_add(tree, pid);
	return error;
}

/*
 * "1234 (a name) R 1 1234 ...": state is the third field, the start time the 22nd. A name may hold
 * spaces and brackets: the last bracket is the one that counts. Returns false if it is not that.
 */
static bool parse_stat(const char *text, char *state, uint64_t *began)
{
	const char *at = strrchr(text, ')');
	int field;

	if (!at || at[1] != ' ')
		return false;
	*state = at[2];
	for (field = 2; field < 22; field++) {
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
	}
	*began = strtoull(at, NULL, 10);
	return true;
}

/* "1002003004 5006007 89": ns on a CPU, ns runnable but not on one, time slices. */
static int read_times(struct tree *tree, int task_dir, struct task *task)
{
	int length = read_file(tree, task_dir, task->tid, "schedstat");
	uint64_t run_ns;
	char *end;

	if (length > 0) {
		run_ns = strtoull(tree->text, &end, 10);
		tasks_count(&tree->tasks, task, run_ns, strtoull(end, NULL, 10));
	}
	return length < 0 && !gone(length) ? length : 0;
}

/* 1: counted as alive. 0: not; a zombie's times are read all the same, they are complete now. */
static int visit_task(struct tree *tree, int task_dir, int tid, struct tree_sample *sample)
{
	int error = read_file(tree, task_dir, tid, "stat");
	struct task *task;
	uint64_t began;
	char state;

	if (error < 0)
		return error;
	if (!parse_stat(tree->text, &state, &began))
		return -ESRCH;
	error = tasks_find(&tree->tasks, tid, began, &task);
	if (error)
		return error;
	if (task->pass == tree->tasks.pass) /* given to another parent while we looked: met twice */
		return 0;
	task->pass = tree->tasks.pass;
	error = read_times(tree, task_dir, task);
	if (!error)
		error = queue_children(tree, task_dir, tid);
	if (error && !gone(error))
		return error;
	if (state == 'Z' || state == 'X')
		return 0;
	sample->tasks++;
	sample->running += state == 'R';
	return 1;
}

/* All threads of a process; of the root itself only the children. */
static int visit_process(struct tree *tree, pid_t pid, struct tree_sample *sample)
{
	const struct dirent *entry;
	bool alive = false;
	char path[32];
	int error = 0, tid, before = sample->running;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL && (error >= 0 || gone(error))) {
		tid = atoi(entry->d_name);
		if (tid <= 0) /* . and .. */
			continue;
		if (pid == tree->root)
			error = queue_children(tree, dirfd(dir), tid);
		else
			error = visit_task(tree, dirfd(dir), tid, sample);
		alive |= error > 0;
	}
	closedir(dir);
	sample->processes += alive;
	sample->computing += sample->running > before;
	return error < 0 && !gone(error) ? error : 0;
}

int tree_sample(struct tree *tree, struct tree_sample *sample)
{
	struct tree_sample count = { 0 };
	size_t next;
	int error;

	tree->tasks.pass++;
	tree->queued = 0;
	error = queue_add(tree, tree->root);
	for (next = 0; !error && next < tree->queued; next++) {
		error = visit_process(tree, tree->queue[next], &count);
		if (next > 0 && gone(error))
			error = 0;
	}
	if (error)
		return error;
	count.run_s = tree->tasks.run_ns * 1e-9;
	count.wait_s = tree->tasks.wait_ns * 1e-9;
	*sample = count;
	return 0;
}

/* 0 if the root is there, and its kernel tells children. */
static int check_root(pid_t root)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", root, root);
	if (access(path, F_OK) != 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", root, root);
	return access(path, F_OK) == 0 ? 0 : -ENOSYS;
}

int tree_open(struct tree **out, pid_t root)
{
	int error = check_root(root);
	struct tree *tree;

	if (error)
		return error;
	tree = calloc(1, sizeof(*tree));
	if (!tree)
		return -ENOMEM;
	tree->root = root;
	tree->text_room = 4096;
	tree->text = malloc(tree->text_room);
	error = tasks_open(&tree->tasks);
	if (error || !tree->text) {
		tree_close(tree);
		return -ENOMEM;
	}
	*out = tree;
	return 0;
}

void tree_close(struct tree *tree)
{
	if (!tree)
		return;
	tasks_close(&tree->tasks);
	free(tree->queue);
	free(tree->text);
	free(tree);
}
