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

	return visit.welcome ? blas_wish(copy) : atomic_load(copy->cpu_number);
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

static void *replace(struct copy *copy, const char *prefix, const char *base, const char *suffix,
		     void *fn)
{
	char name[96];

	snprintf(name, sizeof name, "%s%s%s", prefix, base, suffix);
	return elf_replace(&copy->elf, name, fn);
}

void blas_api_open(struct copy *copy, int index)
{
	/* scipy_openblas_set_num_threads64_ in numpy 2; scipy has no 64_, numpy 1 no scipy_. */
	static const char *const prefixes[] = { "", "scipy_" };
	static const char *const suffixes[] = { "", "64_", "_64" };
	static const char *const fortran[] = { "_", "_64_" };

	for (int p = 0; p < 2; p++) {
		const char *prefix = prefixes[p];

		for (int s = 0; s < 3; s++) {
			const char *suffix = suffixes[s];
			void *real = replace(copy, prefix, "goto_set_num_threads", suffix,
					     set_of(index));

			/* The one that the others call: ours would call itself, were it another. */
			if (real)
				*(void **)&copy->set_num_threads = real;
			replace(copy, prefix, "openblas_set_num_threads", suffix, set_of(index));
			replace(copy, prefix, "openblas_get_num_threads", suffix, get_of(index));
			replace(copy, prefix, "openblas_set_num_threads_local", suffix,
				local_of(index));
		}
		for (int s = 0; s < 2; s++) {
			replace(copy, prefix, "openblas_set_num_threads", fortran[s],
				fset_of(index));
			replace(copy, prefix, "openblas_get_num_threads", fortran[s],
				get_of(index));
		}
	}
}
