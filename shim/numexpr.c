/* SPDX-License-Identifier: MIT */
/*
 * numexpr has a pool of its own, made when it is imported and again in a forked child,
 * and counts CPUs and reads os.environ in Python. Its setter (numexpr 2.8 to 2.14)
 * answers the size that was; it must not be called while an expression is evaluated,
 * which no safe point is. That one begins is seen by its locks, or, as it has none with
 * one thread, where it takes its space.
 */
#define _GNU_SOURCE
#include "shim/numexpr.h"

#include "shim/elf.h"
#include "shim/guest.h"
#include "shim/python.h"

static const char space[] = "_Z15get_temps_spaceRK9vm_paramsPPcm";

static int (*set_threads)(int threads);
static int (*take_space)(const void *params, char **memory, size_t size);
static const int *state; /* of it, whose first word is the count (2.14); NULL: it is not */
static bool proved;      /* it is */
static int wish, told;

static int space_gate(const void *params, char **memory, size_t size)
{
	python_notice();
	return take_space(params, memory, size);
}

void numexpr_meet(const void *start)
{
	static const char setter[] = "_Z20numexpr_set_nthreadsi";
	struct elf elf;

	if (!elf_at(start, &elf) || !elf_defines(&elf, setter, NULL) || !python_here())
		return;
	if (!set_threads) {
		guest_join();
		python_follow(&elf);
		*(void **)&take_space = elf_defines(&elf, space, NULL);
		if (take_space)
			elf_bind(&elf, space, (void *)space_gate);
		*(void **)&set_threads = elf_defines(&elf, setter, NULL);
		state = elf_defines(&elf, "gs", NULL);
	}
	python_request();
}

static int change(int threads)
{
	int was = set_threads(threads);

	proved = state && *state == threads;
	if (!proved)
		state = NULL;
	return was;
}

void numexpr_tell(void)
{
	int was, now, threads, share;

	if (!set_threads)
		return;
	/* Else one reads it by setting it, which makes its pool anew: to what is harmless. */
	now = proved ? *state : told ? told : guest_cores();
	was = proved ? now : change(now);
	if (was != told)
		wish = was;
	share = wish > 1 ? guest_pass(GUEST_TEAMS, wish, false) : 1;
	threads = wish < share ? wish : share;
	if (threads != now)
		change(threads);
	told = threads;
	guest_note(0, wish, threads, 0);
}

void numexpr_forked_child(void)
{
	if (!set_threads || !proved || *state < 2)
		return;
	if (*state != told)
		wish = *state;
	/* Nobody reads it now; its setter, which makes the pool, is for a safe point. */
	*(int *)(uintptr_t)state = told = 1;
}
