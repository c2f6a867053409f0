/* SPDX-License-Identifier: MIT */
/*
 * BLIS reads its global count at the start of a call, in bli_rntm_init_from_global
 * (0.9): before that it is told the share. The copy that Debian offers as libblas.so.3
 * hides its functions, and keeps what it was told at load. Without a variable it has
 * one thread.
 */
#define _GNU_SOURCE
#include "shim/blis.h"

#include "shim/entry.h"
#include "shim/guest.h"

static const char gates[] = "bli_rntm_init_from_global\0";

static long (*get_threads)(void);
static void (*set_threads)(long threads);
static bool met, seen;
static atomic_int wish, told;

/* Each call comes here: it has no credit. */
static int arrive(int group)
{
	int now = (int)get_threads(), share, threads;

	(void)group;
	if (now != atomic_load(&told))
		atomic_store(&wish, now);
	if (atomic_load(&wish) < 2)
		return 0;
	share = guest_settled();
	if (!share)
		share = guest_pass(GUEST_CALLS, atomic_load(&wish), false);
	threads = atomic_load(&wish) < share ? atomic_load(&wish) : share;
	if (threads != now)
		set_threads(threads);
	atomic_store(&told, threads);
	return 0;
}

/* It reads several variables, and is met at each. */
static void tell_level(const struct elf *elf, enum level level)
{
	if (seen)
		return;
	seen = true;
	guest_join();
	guest_met(elf->low, level);
	shim_debug("%s: BLIS, %s", elf->name, ledger_level_text(level));
}

void blis_meet(const void *caller)
{
	struct elf elf;
	int group;

	if (met || !elf_at(caller, &elf))
		return;
	*(void **)&get_threads = elf_defines(&elf, "bli_thread_get_num_threads", NULL);
	*(void **)&set_threads = elf_defines(&elf, "bli_thread_set_num_threads", NULL);
	if (!get_threads || !set_threads || !elf_defines(&elf, gates, NULL)
	    || (group = entry_group()) < 0) {
		tell_level(&elf, LEVEL_LOAD);
		return;
	}
	met = true;
	guest_join();
	guest_note(RUNTIME_BLIS, 0, 0, 0);
	entry_open(group, &elf, gates, arrive);
	tell_level(&elf, LEVEL_CALLS);
}
