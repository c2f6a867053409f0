/* SPDX-License-Identifier: MIT */
/*
 * numexpr has a pool of its own, made when it is imported and again in a forked child,
 * and counts CPUs and reads os.environ in Python. Its setter (numexpr 2.8 to 2.14)
 * answers the size that was; it must not be called while an expression is evaluated,
 * which no safe point is. Its locks tell when one begins.
 */
#define _GNU_SOURCE
#include "shim/numexpr.h"

#include "shim/elf.h"
#include "shim/guest.h"
#include "shim/python.h"

static int (*set_threads)(int threads);
static int wish, told;

void numexpr_meet(const void *start)
{
	static const char setter[] = "_Z20numexpr_set_nthreadsi";
	struct elf elf;

	if (!elf_at(start, &elf) || !elf_defines(&elf, setter, NULL) || !python_here())
		return;
	if (!set_threads) {
		guest_join();
		python_follow(&elf);
		*(void **)&set_threads = elf_defines(&elf, setter, NULL);
	}
	python_request();
}

void numexpr_tell(void)
{
	int was, threads, share;

	if (!set_threads)
		return;
	/* The only way to read it is to set it: the budget is a harmless value. */
	was = set_threads(told ? told : guest_cores());
	if (was != told)
		wish = was;
	share = wish > 1 ? guest_pass(GUEST_TEAMS, wish, false) : 1;
	threads = wish < share ? wish : share;
	if (threads != (told ? told : guest_cores()))
		set_threads(threads);
	told = threads;
	guest_note(0, wish, threads, 0);
}
