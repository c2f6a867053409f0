/* SPDX-License-Identifier: MIT */
/*
 * openblas_set_num_threads and its kin. Programs reach them by linking, by dlsym
 * (ctypes, threadpoolctl), with a prefix and a suffix of the builder's choice: so
 * they are replaced in the copy's symbol table. What is set is a wish. What is read
 * is the wish, never the share of the moment: whoever saves and restores it would
 * otherwise lower the wish for good.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "core/budget.h"
#include "shim/guest.h"

#include <stdio.h>

static void set(struct copy *copy, int threads)
{
	VISIT(visit);

	if (!visit.welcome) {
		if (copy->set_num_threads)
			copy->set_num_threads(threads);
		return;
	}
	/* Less than 1 is "as many as you have" to OpenBLAS. */
	threads = threads < 1 ? guest_cores() : budget_clamp(threads, 1, BUDGET_MAX);
	if (threads > blas_wish(copy)) /* it is not to wait for the next round */
		round_hasten(guest_ledger);
	if (copy->openmp) /* its wish is the setting of the runtime, as OpenBLAS has it */
		blas_openmp_set(copy, threads);
	else
		atomic_store(&copy->wish, threads);
	blas_tell(copy, true);
}

static int get(struct copy *copy)
{
	VISIT(visit);

	return visit.welcome ? blas_wish(copy) : blas_now(copy);
}

#define API(i)                                     \
	static void set_##i(int threads)           \
	{                                          \
		set(&blas_copies[i], threads);     \
	}                                          \
	static void fset_##i(const int *threads)   \
	{                                          \
		set(&blas_copies[i], *threads);    \
	}                                          \
	static int get_##i(void)                   \
	{                                          \
		return get(&blas_copies[i]);       \
	}                                          \
	static int local_##i(int threads)          \
	{                                          \
		int before = get(&blas_copies[i]); \
		set(&blas_copies[i], threads);     \
		return before;                     \
	}
BLAS_EACH(API)

BLAS_PICK(set)
BLAS_PICK(fset)
BLAS_PICK(get)
BLAS_PICK(local)

static void *replace(struct copy *copy, const char *base, const char *fortran, void *fn)
{
	char name[96];

	snprintf(name, sizeof name, "%s%s%s%s", copy->style.prefix, base, fortran,
		 copy->style.suffix);
	return elf_replace(&copy->elf, name, fn);
}

void blas_api_open(struct copy *copy, int index)
{
	/* The one that the others call: ours would call itself, were it another. */
	void *real = replace(copy, "goto_set_num_threads", "", set_of(index)), *other;

	other = replace(copy, "openblas_set_num_threads", "", set_of(index));
	*(void **)&copy->set_num_threads = real ? real : other;
	*(void **)&copy->get_num_threads =
		replace(copy, "openblas_get_num_threads", "", get_of(index));
	replace(copy, "openblas_set_num_threads_local", "", local_of(index));
	replace(copy, "openblas_set_num_threads", "_", fset_of(index));
	replace(copy, "openblas_get_num_threads", "_", get_of(index));
	if (!copy->style.suffix[0] && !copy->style.prefix[0])
		return;
	/* numpy 2 has no prefix there (0.3.27 to 0.3.31), and no suffix. */
	elf_replace(&copy->elf, "openblas_set_num_threads_local", local_of(index));
}
