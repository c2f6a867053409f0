/* SPDX-License-Identifier: MIT */
/*
 * Hooks: a program that chooses its own CPUs. Inside a raised fence (core/fence.h) its choice is
 * taken as a cpuset takes it: what lies in both is used, and if that is nothing, as many CPUs
 * of the fence; the call succeeds. Without a fence it is the program's own affair. A choice that
 * the fence has cut is noted there, so that it is not widened when the fence is lifted. And one
 * that is what we have told the program of its mask, and no more, is no choice (told.h).
 */
#define _GNU_SOURCE
#include "shim/bind.h"

#include "core/fence.h"
#include "shim/aside.h"
#include "shim/guest.h"
#include "shim/omp-bind.h"
#include "shim/real.h"
#include "shim/ruling.h"
#include "shim/told.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/shm.h>

static struct mask to_mask(const cpu_set_t *set, size_t size)
{
	struct mask mask = { { 0 } };

	memmove(&mask, set, size < sizeof mask ? size : sizeof mask);
	return mask;
}

/* More than the fence, and less than all there was without it. */
static void note_choice(struct fences *fences, const struct mask *wish, const struct mask *fence,
			int tid)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];

		if (!atomic_load(&row->owner) || !mask_same(&row->mask, fence)
		    || !mask_within(fence, wish) || mask_within(&row->base, wish))
			continue;
		atomic_store(&row->pins[atomic_fetch_add(&row->next_pin, 1) % FENCE_PINS],
			     (uint32_t)tid);
	}
}

bool bind_is_fenced(void)
{
	struct fences *fences = shim_orders()->begun ? fence_open(ruling_ledger(), false) : NULL;
	struct mask now, fence;
	bool inside;

	if (!fences)
		return false;
	inside = mask_get(0, &now) == 0
		 && fence_of(fences, shim_orders()->job, shim_orders()->cores, &now, &fence);
	REAL(shmdt)(fences);
	return inside;
}

/*
 * What to ask the kernel for instead; false: for what the program said. tid: the task that it
 * is about; 0: this one, or not known.
 */
static bool confine(int tid, const cpu_set_t *set, size_t size, struct mask *given)
{
	struct fences *fences;
	struct mask wish, now, fence;
	bool inside;
	VISIT(visit);

	if (!visit.welcome || !set || mask_get(tid, &now) != 0)
		return false;
	fences = fence_open(ruling_ledger(), false);
	if (!fences)
		return false;
	inside = fence_of(fences, shim_orders()->job, shim_orders()->cores, &now, &fence);
	if (inside) {
		wish = to_mask(set, size);
		*given = mask_confine(&wish, &fence, tid);
		/* Nothing wished for is the kernel's to refuse, as is what it must not see. */
		inside = mask_count(&wish) > 0 && !mask_same(&wish, given);
		if (inside)
			note_choice(fences, &wish, &fence, tid ? tid : (int)syscall(SYS_gettid));
	}
	REAL(shmdt)(fences);
	return inside;
}

/* What a hook was asked for, and what came of it. */
struct choice {
	int (*set_task)(pid_t, size_t, const cpu_set_t *);
	int (*set_thread)(pthread_t, size_t, const cpu_set_t *);
	int (*set_attr)(pthread_attr_t *, size_t, const cpu_set_t *);
	int tid;
	pthread_t thread;
	pthread_attr_t *attr;
	const cpu_set_t *set;
	size_t size;
	int answer, error;
};

static int call(const struct choice *choice, size_t size, const cpu_set_t *set)
{
	if (choice->set_task)
		return choice->set_task(choice->tid, size, set);
	if (choice->set_thread)
		return choice->set_thread(choice->thread, size, set);
	return choice->set_attr ? choice->set_attr(choice->attr, size, set) : ENOSYS;
}

/* Masks are large: on a stack of ours. */
static void settle(void *data)
{
	struct choice *choice = data;
	struct mask given;

	if (!confine(choice->tid, choice->set, choice->size, &given))
		choice->answer = call(choice, choice->size, choice->set);
	else if (choice->set_task && mask_set(choice->tid, &given) == 0)
		choice->answer = 0;
	else if (choice->set_task)
		choice->answer = call(choice, choice->size, choice->set);
	else
		choice->answer = call(choice, sizeof given, (cpu_set_t *)&given);
	choice->error = errno;
}

static bool is_of_job(void)
{
	VISIT(visit);

	return visit.welcome && shim_orders()->begun;
}

static int choose(struct choice *choice)
{
	if (shim_is_out())
		return call(choice, choice->size, choice->set);
	told_restore(choice->tid, &choice->set, &choice->size);
	if (!is_of_job() || !aside_call(settle, choice))
		return call(choice, choice->size, choice->set);
	errno = choice->error;
	return choice->answer;
}

HOOK int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	struct choice choice = { .tid = pid, .set = set, .size = size };

	choice.set_task = REAL(sched_setaffinity);
	return choose(&choice);
}

/* An OpenMP runtime that binds its threads in a process that shares its cores. */
static void unbind(const void *caller, struct choice *choice)
{
	const struct mask *all = NULL;

	if (shim_is_out() || !omp_bind_wanted())
		return;
	VISIT(visit);
	if (visit.welcome)
		all = omp_bind_instead(caller);
	if (!all)
		return;
	choice->set = (const cpu_set_t *)all;
	choice->size = sizeof *all;
}

HOOK int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	struct choice choice = { .thread = thread, .set = set, .size = size };

	unbind(__builtin_return_address(0), &choice);
	choice.set_thread = REAL_LATE(pthread_setaffinity_np);
	return choose(&choice);
}

HOOK int pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size, const cpu_set_t *set)
{
	struct choice choice = { .attr = attr, .set = set, .size = size };

	unbind(__builtin_return_address(0), &choice);
	choice.set_attr = REAL_LATE(pthread_attr_setaffinity_np);
	return choose(&choice);
}
