/* SPDX-License-Identifier: MIT */
/*
 * TBB's workers come and go between tasks, and a global_control may say at any time how
 * many there shall be at most (oneTBB 2021 to 2023; the least of all that exist holds, so
 * that a program's own stays). It is made anew when the share has changed, at the
 * entries of the library, where its caller holds none of its locks. The limit is of the
 * workers, of whom there is one less, and not of the program's threads that call: each
 * of those but one takes a place of it.
 */
#define _GNU_SOURCE
#include "shim/tbb.h"

#include "shim/entry.h"
#include "shim/guest.h"

#include <stddef.h>

/* spawn, execute_and_wait, execute in an arena, wait. */
static const char entries[] = "_ZN3tbb6detail2r15spawnERNS0_2d14taskERNS2_18task_group_contextE\0"
			      "_ZN3tbb6detail2r15spawnERNS0_2d14taskERNS2_18task_group_contextEt\0"
			      "_ZN3tbb6detail2r116execute_and_waitERNS0_2d14taskERNS2_"
			      "18task_group_contextERNS2_12wait_contextES6_\0"
			      "_ZN3tbb6detail2r17executeERNS0_2d115task_arena_baseERNS2_"
			      "13delegate_baseE\0";

static const char end[] = "_ZN3tbb6detail2r18finalizeERNS0_2d121task_scheduler_handleEl";

/* global_control as the headers lay it out; which 0 is max_allowed_parallelism. */
struct control {
	size_t value;
	intptr_t reserved;
	int which;
};

static void (*create)(struct control *);
static void (*destroy)(struct control *);
static bool (*real_finalize)(void *handle, intptr_t mode);
static bool met;
static struct elf library;
static void *(*server)(void *); /* what its workers begin at */
static struct control controls[2];
static int told; /* which of them is in force; .value 0: none yet */
static atomic_bool telling;

static void *work(void *arg)
{
	guest_thread.helps = true;
	return server(arg);
}

void *(*tbb_worker(void *(*start)(void *)))(void *)
{
	if (!met || (uintptr_t)start < library.low || (uintptr_t)start >= library.high
	    || (server && server != start))
		return start;
	server = start;
	return work;
}

/*
 * It waits until all arenas are gone. One that its caller has left is taken away by a
 * worker; with a limit of 1 there is none (oneTBB 2021.8), and it would wait for ever.
 */
static bool finalize(void *handle, intptr_t mode)
{
	struct control *limit = &controls[told & 1];
	bool here = !atomic_exchange(&telling, true), ended;

	if (here && limit->value) {
		destroy(limit);
		limit->value = 0;
	}
	ended = real_finalize(handle, mode);
	if (here)
		atomic_store(&telling, false);
	return ended;
}

static int arrive(int group)
{
	struct control *old = &controls[told & 1];
	int share;

	if (guest_quiet() || atomic_exchange(&telling, true))
		return entry_pace(group);
	share = guest_pass(GUEST_TEAMS, guest_cores(), false);
	if (guest_home) /* not its part: the workers are of all who call */
		share = atomic_load(&guest_home->share) - (guest_callers(GUEST_TEAMS) - 1);
	if (share < 1)
		share = 1;
	if ((size_t)share != old->value) {
		struct control *new = &controls[~told & 1];

		*new = (struct control){ .value = (size_t)share };
		create(new);
		if (old->value)
			destroy(old);
		old->value = 0;
		told = ~told & 1;
		guest_note(0, guest_cores(), share, 0);
	}
	atomic_store(&telling, false);
	return entry_pace(group);
}

void tbb_meet(const void *caller)
{
	struct elf elf;
	int group;

	if (met || !elf_at(caller, &elf))
		return;
	*(void **)&create =
		elf_defines(&elf, "_ZN3tbb6detail2r16createERNS0_2d114global_controlE", NULL);
	*(void **)&destroy =
		elf_defines(&elf, "_ZN3tbb6detail2r17destroyERNS0_2d114global_controlE", NULL);
	if (!create || !destroy || (group = entry_group()) < 0)
		return;
	library = elf;
	met = true;
	guest_join();
	guest_note(RUNTIME_TBB, 0, 0, 0);
	*(void **)&real_finalize = elf_defines(&elf, end, NULL);
	if (real_finalize)
		elf_replace(&elf, end, (void *)finalize);
	entry_open(group, &elf, entries, arrive);
	shim_debug("%s: TBB, at any time", elf.name);
}
