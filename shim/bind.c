/* SPDX-License-Identifier: MIT */
/*
 * Hooks: a program that chooses its own CPUs. Inside a raised fence (core/fence.h) its choice is
 * taken as a cpuset takes it: what lies in both is used, and if that is nothing, as many CPUs
 * of the fence; the call succeeds. Without a fence it is the program's own affair. A choice that
 * the fence has cut is noted there, so that it is not widened when the fence is lifted.
 */
#define _GNU_SOURCE
#include "shim/bind.h"

#include "core/fence.h"
#include "shim/guest.h"
#include "shim/omp-bind.h"
#include "shim/real.h"

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
	struct fences *fences = shim_orders()->begun ? fence_open(shim_orders()->ledger, false)
						     : NULL;
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

	if (!visit.welcome || !set || !shim_orders()->begun || mask_get(tid, &now) != 0)
		return false;
	fences = fence_open(shim_orders()->ledger, false);
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

HOOK int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	struct mask given;

	if (confine(pid, set, size, &given) && mask_set(pid, &given) == 0)
		return 0;
	return REAL(sched_setaffinity)(pid, size, set);
}

/* An OpenMP runtime that binds its threads in a process that shares its cores. */
static bool unbind(const void *caller, struct mask *all)
{
	VISIT(visit);

	return visit.welcome && omp_bind_instead(caller, all);
}

HOOK int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	struct mask given, all;

	if (unbind(__builtin_return_address(0), &all)) {
		set = (const cpu_set_t *)&all;
		size = sizeof all;
	}
	if (confine(0, set, size, &given))
		return REAL(pthread_setaffinity_np)(thread, sizeof given, (cpu_set_t *)&given);
	return REAL(pthread_setaffinity_np)(thread, size, set);
}

HOOK int pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size, const cpu_set_t *set)
{
	struct mask given, all;

	if (unbind(__builtin_return_address(0), &all)) {
		set = (const cpu_set_t *)&all;
		size = sizeof all;
	}
	if (confine(0, set, size, &given))
		return REAL(pthread_attr_setaffinity_np)(attr, sizeof given, (cpu_set_t *)&given);
	return REAL(pthread_attr_setaffinity_np)(attr, size, set);
}
