/* SPDX-License-Identifier: MIT */
/*
 * numba divides a loop into as many parts as a setting of the thread says, which nothing
 * exports; its layers carry their functions as numbers (numba 0.49 to 0.68). The setting
 * is lowered at the first safe point after a layer was launched, and never raised again:
 * programs size arrays by get_num_threads() in Python and index them by get_thread_id() in
 * the loop, so that between two steps it may fall, but not grow. A forked child begins anew.
 */
#define _GNU_SOURCE
#include "shim/numba.h"

#include "shim/elf.h"
#include "shim/guest.h"
#include "shim/python.h"

#include <string.h>

/* A launch sets the count itself, some steps after it has begun its threads; they can take long. */
enum { LAUNCH_MS = 8, LAUNCH_TURNS = 500 };

/* That for TBB needs nothing: see tbb.c. */
static const char modules[] = "numba.np.ufunc.omppool\0"
			      "numba.np.ufunc.workqueue\0";

static uint32_t life; /* the process in which it was told */
static int told;
static uint64_t until_ms;
static int turns; /* safe points since */

void numba_meet(const void *start)
{
	struct elf elf;

	if (!elf_at(start, &elf) || !strstr(elf.name, "/ufunc/workqueue.") || !python_here())
		return;
	python_follow(&elf);
	python_request();
}

static void tell(const char *module)
{
	int (*get)(void);
	void (*set)(int);
	int now;

	*(void **)&get = python_pointer(module, "get_num_threads");
	*(void **)&set = python_pointer(module, "set_num_threads");
	now = get && set ? get() : 0;
	if (now < 1) /* it is not there, or not launched: -1 */
		return;
	if (life != guest_life()) {
		life = guest_life();
		told = guest_pass(GUEST_TEAMS, now, true);
		until_ms = ident_coarse_ms() + LAUNCH_MS;
		turns = 0;
		guest_note(0, now, told < now ? told : now, 0);
	}
	if (told > 0 && told < now)
		set(told);
}

void numba_tell(void)
{
	for (const char *module = modules; *module; module += strlen(module) + 1)
		tell(module);
	if (life == guest_life() && (++turns < LAUNCH_TURNS || ident_coarse_ms() < until_ms))
		python_request();
}
