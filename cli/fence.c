/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/fence.h"

#include "cli/say.h"
#include "cli/scope.h"
#include "cli/site.h"
#include "cli/stat.h"
#include "cli/watcher.h"
#include "core/env.h"
#include "core/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

enum conf_fence fence_mode(int option, const struct user *user, const struct fence_outer *outer)
{
	int mode = option >= 0 ? option : outer->mode >= 0 ? outer->mode : user->fence;

	return (enum conf_fence)(user->locked && mode < user->fence ? user->fence : mode);
}

/* "1:18f2a40001a2b" */
static struct fence_outer read_outer(void)
{
	const char *fence = getenv(ENV_FENCE), *job = getenv(ENV_JOB);
	struct fence_outer outer = { .mode = -1 };
	unsigned long long watched, id;

	if (!fence || !job || sscanf(fence, "%d:%llx", &outer.mode, &watched) != 2
	    || sscanf(job, "%llx:%d", &id, &outer.cores) != 2 || outer.mode < 0
	    || outer.mode > CONF_FENCE_ALWAYS)
		return (struct fence_outer){ .mode = -1 };
	/* A number is easily inherited; one that has ended watches nobody. */
	outer.watched = watched && ident_alive(watched) ? watched : 0;
	return outer;
}

/* Whether pid began this process, or one that began it, as far as the kernel knows. */
static bool is_ancestor(int pid)
{
	struct stat_line stat;

	for (int at = getpid(); at > 1 && stat_read(at, &stat); at = stat.parent)
		if (stat.parent == pid)
			return true;
	return false;
}

static bool is_ours(int pid)
{
	struct stat own, its;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	return stat("/proc/self/exe", &own) == 0 && stat(path, &its) == 0
	       && own.st_dev == its.st_dev && own.st_ino == its.st_ino;
}

/*
 * A variable is anybody's to set. What is behind a true one: a `ration` that became one of our
 * parents, or is one, and a process of our own program's that says it watches that one.
 */
static bool is_true(uint64_t watched, uint32_t ledger)
{
	struct fences *fences = fence_open(ledger, false);
	bool found = false;

	for (int i = 0; fences && !found && i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];

		found = (int)atomic_load(&row->root) == ident_pid(watched) && fence_is_watched(row)
			&& is_ours(ident_pid(atomic_load(&row->owner)));
	}
	if (fences)
		shmdt(fences);
	return found && is_ancestor(ident_pid(watched));
}

static bool enter_scope(const struct run *run, const struct user *user, struct job *job)
{
	char why[512];

	job->scoped = scope_enter(job->cores, user->cores, why, sizeof why);
	if (!job->scoped && run->report)
		warn("--fence=quota: %s; auto instead", why);
	return job->scoped;
}

/* Whether base has more CPUs than that, and this can be known. */
static bool is_needed(const struct warden_orders *orders)
{
	return orders->mode != CONF_FENCE_NEVER && mask_count(&orders->base) > orders->cores;
}

/* For mode always, before the command begins: its place. 0 or -errno. */
static int find_place(struct warden_orders *orders)
{
	struct site site;
	int error = site_open(&site, orders, 0);

	if (error)
		return error;
	site_survey(&site);
	error = site_choose(&site);
	orders->placed = !error;
	orders->place = site.mask;
	site_close(&site);
	return error;
}

bool fence_begin(const struct run *run, const struct user *user, struct job *job,
		 struct warden_orders *orders)
{
	struct fence_outer outer = read_outer();

	if (user->locked && outer.watched && !is_true(outer.watched, job->ledger))
		outer.watched = 0;
	*orders = (struct warden_orders){ .mode = fence_mode(run->fence, user, &outer),
					  .cores = job->cores,
					  .budget = user->cores,
					  .job = job->id,
					  .ledger = job->ledger };
	job->fence = orders->mode;
	job->fence_known = job->fence == user->fence;
	job->watched = outer.watched;
	if (orders->mode == CONF_FENCE_QUOTA) {
		if (job->cores < user->online && enter_scope(run, user, job))
			return false;
		orders->mode = CONF_FENCE_AUTO;
	}
	if (outer.watched && job->cores >= outer.cores && orders->mode != CONF_FENCE_ALWAYS)
		return false;
	if (mask_get(0, &orders->base) != 0 || !is_needed(orders))
		return false;
	job->watched = ident_self();
	if (orders->mode == CONF_FENCE_ALWAYS && find_place(orders) != 0)
		orders->mode = CONF_FENCE_AUTO;
	return true;
}

void fence_watch(const struct warden_orders *orders, const struct job *job)
{
	struct warden_orders copy = *orders;
	char mark[64];

	copy.command = getpid();
	snprintf(mark, sizeof mark, ENV_FENCE "=%d:%llx", job->fence,
		 (unsigned long long)job->watched);
	watcher_start(&copy, mark);
	if (copy.placed)
		mask_set(0, &copy.place);
}
