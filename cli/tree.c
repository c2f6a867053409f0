/* SPDX-License-Identifier: MIT */
/*
 * Walks /proc/PID/task/TID/children from the root down: a queue of processes, no recursion.
 * The law of this file: whatever ends while we look is not an error, and whatever else goes wrong
 * is; a sample is either whole or not given.
 */
#define _GNU_SOURCE
#include "cli/tree.h"

#include "cli/queue.h"
#include "cli/stat.h"
#include "cli/tasks.h"
#include "core/ident.h"

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
	struct queue queue; /* the processes of this pass */
	size_t at;          /* the one that is visited */
	struct queue joined;
	bool keeps; /* orphans */
	void (*visit)(void *arg, const struct tree_task *task);
	void *visit_arg;
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

/* "1234 1240 1241 ": the processes that this task made, or inherited. */
static int queue_children(struct tree *tree, int task_dir, int tid)
{
	int error = read_file(tree, task_dir, tid, "children");
	char *at = tree->text, *end;
	pid_t pid;

	if (error < 0)
		return error;
	for (error = 0; !error && (pid = strtol(at, &end, 10)) > 0; at = end)
		error = queue_add(&tree->queue, (struct queue_entry){ .pid = pid, .parent = tid });
	return error;
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

static void show(const struct tree *tree, struct queue_entry process, const struct stat_line *stat,
		 const struct task *task, uint64_t had_run_ns)
{
	int parent = task->tid == process.pid ? process.parent : process.pid;

	tree->visit(tree->visit_arg,
		    &(struct tree_task){ process.pid, task->tid, parent, task->began, stat->state,
					 stat->cpu, task->run_ns - had_run_ns });
}

/* 1: counted as alive. 0: not; a zombie's times are read all the same, they are complete now. */
static int visit_task(struct tree *tree, int task_dir, struct queue_entry process, int tid,
		      struct tree_sample *sample)
{
	int error = read_file(tree, task_dir, tid, "stat");
	struct stat_line stat;
	struct task *task;
	uint64_t had_run_ns, used_ns;

	if (error < 0)
		return error;
	if (!stat_parse(tree->text, &stat))
		return -ESRCH;
	error = tasks_find(&tree->tasks, tid, stat.began, &task);
	if (error)
		return error;
	if (task->pass == tree->tasks.pass) /* given to another parent while we looked: met twice */
		return 0;
	task->pass = tree->tasks.pass;
	had_run_ns = task->run_ns;
	error = read_times(tree, task_dir, task);
	if (tid == process.pid && ident_cpu_ns(tid, &used_ns) == 0) {
		tasks_spend(&tree->tasks, task, used_ns, stat.reaped_ns);
		tree->queue.entries[tree->at].used_ns = used_ns;
	}
	if (!error)
		error = queue_children(tree, task_dir, tid);
	if (error && !gone(error))
		return error;
	if (stat.state == 'Z' || stat.state == 'X')
		return 0;
	sample->tasks++;
	sample->running += stat.state == 'R';
	if (tree->visit)
		show(tree, process, &stat, task, had_run_ns);
	return 1;
}

/* All threads of a process; of the root itself only the children. */
static int visit_process(struct tree *tree, struct queue_entry process, struct tree_sample *sample)
{
	const struct dirent *entry;
	bool alive = false;
	char path[32];
	int error = 0, tid, before = sample->running;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", process.pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL && (error >= 0 || gone(error))) {
		tid = atoi(entry->d_name);
		if (tid <= 0) /* . and .. */
			continue;
		if (process.pid == tree->root)
			error = queue_children(tree, dirfd(dir), tid);
		else
			error = visit_task(tree, dirfd(dir), process, tid, sample);
		alive |= error > 0;
	}
	closedir(dir);
	sample->processes += alive;
	sample->computing += sample->running > before;
	return error < 0 && !gone(error) ? error : 0;
}

/* The root, and those who joined and are still there. */
static int queue_first(struct tree *tree)
{
	int error;

	tree->queue.count = 0;
	error = queue_add(&tree->queue, (struct queue_entry){ .pid = tree->root });
	queue_drop_dead(&tree->joined);
	for (size_t i = 0; i < tree->joined.count && !error; i++)
		error = queue_add(&tree->queue, tree->joined.entries[i]);
	return error;
}

/* Processes that the last pass saw and this one did not, and which live. */
static int keep_orphans(struct tree *tree)
{
	int error = 0;

	for (size_t i = 0; i < tree->tasks.size && !error; i++) {
		const struct task *task = &tree->tasks.slots[i];
		struct queue_entry orphan = { .pid = task->tid, .began = task->began };

		if (task->tid && task->used_ns && task->pass == tree->tasks.pass - 1
		    && queue_lives(orphan))
			error = queue_add(&tree->joined, orphan);
	}
	return error;
}

int tree_sample(struct tree *tree, struct tree_sample *sample)
{
	struct tree_sample count = { 0 };
	int error;

	tree->tasks.pass++;
	error = queue_first(tree);
	for (tree->at = 0; !error && tree->at < tree->queue.count; tree->at++) {
		error = visit_process(tree, tree->queue.entries[tree->at], &count);
		if (tree->at > 0 && gone(error))
			error = 0;
	}
	if (!error && tree->keeps)
		error = keep_orphans(tree);
	if (error)
		return error;
	tasks_end(&tree->tasks);
	count.run_s = tree->tasks.run_ns * 1e-9;
	count.wait_s = tree->tasks.wait_ns * 1e-9;
	count.used_s = tree->tasks.spent_ns * 1e-9;
	*sample = count;
	return 0;
}

const struct queue *tree_seen(const struct tree *tree)
{
	return &tree->queue;
}

int tree_join(struct tree *tree, pid_t pid)
{
	struct queue_entry process = { .pid = pid };
	struct stat_line stat;

	tree->keeps = true;
	if (!stat_read(pid, &stat))
		return -ESRCH;
	process.began = stat.began;
	return queue_add(&tree->joined, process);
}

void tree_show(struct tree *tree, void (*visit)(void *arg, const struct tree_task *task), void *arg)
{
	tree->visit = visit;
	tree->visit_arg = arg;
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
	queue_free(&tree->queue);
	queue_free(&tree->joined);
	free(tree->text);
	free(tree);
}
