/* SPDX-License-Identifier: MIT */
/*
 * What a thread sets for itself is delivered as it is: programs count on a team that
 * they have chosen. It is kept as the wish, for the next safe point. Two callers are
 * special. ctypes is Python (threadpoolctl), which saves what it reads and puts it back:
 * it reads the wish, and where it sets, there is a safe point. torch sets what it
 * believes to be the number of cores, once a thread (1.13 to 2.15): nobody's wish, unless
 * it comes by at::set_num_threads.
 */
#define _GNU_SOURCE
#include "shim/omp-api.h"

#include "shim/entry.h"
#include "shim/omp.h"
#include "shim/shim.h"

#include <stdatomic.h>
#include <string.h>

static const char torch_setter[] = "_ZN2at15set_num_threadsEi";

static void (*set_torch)(int threads);
static uintptr_t torch_low, torch_size; /* of it */
static int torch_index;

/* Objects that have called, so that each is looked at once. They come before they count. */
enum { CALLERS = 32 };
static struct {
	_Atomic uintptr_t low, high;
	atomic_int caller;
} callers[CALLERS];
static atomic_int count;

static enum caller judge(const struct elf *elf, int index)
{
	size_t size = 0;
	void *set = elf_defines(elf, torch_setter, &size);

	if (set && !set_torch) {
		torch_index = index;
		torch_low = (uintptr_t)set;
		torch_size = size;
		*(void **)&set_torch = set;
	}
	if (strstr(elf->name, "/libtorch"))
		return CALLER_TORCH;
	return strstr(elf->name, "/libffi") || strstr(elf->name, "/_ctypes.") ? CALLER_PYTHON
									      : CALLER_PROGRAM;
}

static __attribute__((noinline)) enum caller look(const void *address, int index)
{
	enum caller caller = CALLER_PROGRAM;
	struct elf elf = { .low = (uintptr_t)address & ~4095ul };
	int slot;

	if (elf_at(address, &elf))
		caller = judge(&elf, index);
	else /* code that was made at run time: a page of it */
		elf.high = elf.low + 4096;
	slot = atomic_fetch_add(&count, 1);
	if (slot < CALLERS) {
		atomic_store(&callers[slot].caller, caller);
		atomic_store(&callers[slot].high, elf.high);
		atomic_store(&callers[slot].low, elf.low);
	}
	return caller;
}

static enum caller caller_of(const void *address, int index)
{
	for (int i = 0; i < CALLERS; i++) {
		uintptr_t low = atomic_load_explicit(&callers[i].low, memory_order_acquire);

		if (!low)
			return look(address, index);
		if ((uintptr_t)address - low
		    < atomic_load_explicit(&callers[i].high, memory_order_relaxed) - low) {
			if ((uintptr_t)address - torch_low < torch_size)
				return CALLER_PROGRAM;
			return (enum caller)atomic_load_explicit(&callers[i].caller,
								 memory_order_relaxed);
		}
	}
	return CALLER_PROGRAM;
}

void torch_tell(void)
{
	if (set_torch)
		set_torch(omp_get(torch_index, CALLER_PROGRAM));
}

#define CALLER(i) caller_of(__builtin_return_address(0), i)
#define API(i)                                                               \
	static void set_##i(int threads)                                     \
	{                                                                    \
		omp_set(i, threads, CALLER(i));                              \
	}                                                                    \
	static void fset_##i(const int *threads)                             \
	{                                                                    \
		omp_set(i, *threads, CALLER(i));                             \
	}                                                                    \
	static void fset8_##i(const int64_t *threads)                        \
	{                                                                    \
		int most = *threads > INT32_MAX ? INT32_MAX : (int)*threads; \
		omp_set(i, most, CALLER(i));                                 \
	}                                                                    \
	static int get_##i(void)                                             \
	{                                                                    \
		entry_spend(i);                                              \
		return omp_get(i, CALLER(i));                                \
	}
ENTRY_EACH(API)
ENTRY_PICK(set)
ENTRY_PICK(fset)
ENTRY_PICK(fset8)
ENTRY_PICK(get)

void omp_api_open(const struct elf *elf, int index)
{
	struct elf_swap swaps[] = {
		{ "omp_set_num_threads", NULL, set_of(index) },
		{ "omp_set_num_threads_", NULL, fset_of(index) },
		{ "omp_set_num_threads_8_", NULL, fset8_of(index) },
		{ "omp_get_max_threads", NULL, get_of(index) },
		{ "omp_get_max_threads_", NULL, get_of(index) },
	};
	int count_of = sizeof swaps / sizeof *swaps;

	for (int i = 0; i < count_of; i++)
		swaps[i].from = elf_defines(elf, swaps[i].name, NULL);
	elf_replace_all(elf, swaps, count_of);
}
