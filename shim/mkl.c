/* SPDX-License-Identifier: MIT */
/*
 * MKL asks itself how many threads a call may have, in each call, by functions that its
 * threading layer exports (2024 to 2026: GNU, Intel; the static one in libtorch_cpu as
 * well), and has exactly as many. The answer is at most the share. The program, which asks
 * by the same functions, is told what it has set: it may put that back. Its layer on TBB is
 * left alone: TBB has a limit, and an answer of 1 would have MKL 2026 round otherwise.
 */
#define _GNU_SOURCE
#include "shim/mkl.h"

#include "shim/elf.h"
#include "shim/guest.h"

#include <string.h>

enum { COPIES = 4, CALLERS = 32 };

static struct {
	struct elf elf;
	int (*most)(void);
	int (*most_in)(int domain);
} copies[COPIES];
static int found;
static atomic_int open;

/* Objects of MKL that have asked, so that each is looked at once. */
static struct {
	_Atomic uintptr_t low, high;
} callers[CALLERS];
static atomic_int known;

static bool is_own(const struct elf *elf)
{
	return strstr(elf->name, "/libmkl_") || strstr(elf->name, "/libtorch_cpu");
}

static __attribute__((noinline)) bool look(const void *address)
{
	struct elf elf;
	bool own = elf_at(address, &elf) && is_own(&elf);
	int slot = own ? atomic_fetch_add(&known, 1) : CALLERS;

	if (slot < CALLERS) {
		atomic_store(&callers[slot].high, elf.high);
		atomic_store(&callers[slot].low, elf.low);
	}
	return own;
}

static bool is_mkl(const void *address)
{
	for (int i = 0; i < CALLERS && atomic_load(&callers[i].low); i++)
		if ((uintptr_t)address >= atomic_load(&callers[i].low)
		    && (uintptr_t)address < atomic_load(&callers[i].high))
			return true;
	return look(address);
}

static int at_most_share(int threads, const void *caller)
{
	int share;

	if (!is_mkl(caller))
		return threads;
	if (threads < 2) {
		guest_come();
		return threads;
	}
	share = guest_settled();
	if (unlikely(!share)) {
		VISIT(visit);

		if (!visit.welcome)
			return threads;
		share = guest_pass(GUEST_CALLS, threads, false);
		guest_note(0, threads, threads < share ? threads : share, 0);
	}
	return threads < share ? threads : share;
}

#define MOST(i)                                                                               \
	static int most_##i(void)                                                             \
	{                                                                                     \
		return at_most_share(copies[i].most(), __builtin_return_address(0));          \
	}                                                                                     \
	static int most_in_##i(int domain)                                                    \
	{                                                                                     \
		return at_most_share(copies[i].most_in(domain), __builtin_return_address(0)); \
	}
MOST(0)
MOST(1)
MOST(2)
MOST(3)

#define PICK(fn, i) ((i) == 0 ? fn##_0 : (i) == 1 ? fn##_1 : (i) == 2 ? fn##_2 : fn##_3)

static bool collect(const struct elf *elf, void *data)
{
	void *most = elf_defines(elf, "mkl_serv_get_max_threads", NULL);
	void *most_in = elf_defines(elf, "mkl_serv_domain_get_max_threads", NULL);

	(void)data;
	if (!most || !most_in || strstr(elf->name, "/libmkl_tbb_thread"))
		return false;
	for (int i = 0; i < found; i++)
		if (copies[i].elf.low == elf->low)
			return false;
	copies[found].elf = *elf;
	*(void **)&copies[found].most = most;
	*(void **)&copies[found].most_in = most_in;
	return ++found == COPIES;
}

void mkl_meet(void)
{
	static atomic_bool busy;

	if (atomic_load(&open) == COPIES || atomic_exchange(&busy, true))
		return;
	elf_each(collect, NULL);
	for (int i = atomic_load(&open); i < found; i++) {
		struct elf_swap swaps[] = {
			{ "mkl_serv_get_max_threads", (void *)copies[i].most,
			  (void *)PICK(most, i) },
			{ "mkl_serv_domain_get_max_threads", (void *)copies[i].most_in,
			  (void *)PICK(most_in, i) },
		};

		guest_join();
		guest_note(RUNTIME_MKL, 0, 0, 0);
		elf_replace_all(&copies[i].elf, swaps, 2);
		guest_met(copies[i].elf.low, LEVEL_CALLS);
		shim_debug("%s: MKL, %s", copies[i].elf.name, ledger_level_text(LEVEL_CALLS));
	}
	atomic_store(&open, found);
	atomic_store(&busy, false);
}
