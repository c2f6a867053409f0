/* SPDX-License-Identifier: MIT */
/*
 * Private names of a copy that shows what it publishes alone (numpy 2.5.3 and later), as long as
 * its file has not been stripped: with them a forked child has no more threads than it uses. Where
 * they are is believed once the library itself has agreed: what its setter sets stands there, and
 * its getter reads it.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER, POOL, AVAIL, SETTER, GETTER, WANTED };

/* In what the library may write to, and an int. */
static bool is_counter(const struct elf *elf, const struct elf_filed *it)
{
	return it->type == STT_OBJECT && it->size == sizeof(int) && it->at % sizeof(int) == 0
	       && elf_is_data(elf, it->at - elf->base, sizeof(int));
}

/* One that is published is at the same place in both tables: so this is the table of that file. */
static bool agrees(const struct copy *copy, const struct elf_filed *it)
{
	return it->at && it->at == (uintptr_t)elf_defines(&copy->elf, it->name, NULL);
}

void blas_hidden_find(struct copy *copy)
{
	struct elf_filed wanted[WANTED] = { 0 };
	char setter[96], getter[96];

	if (copy->openmp || !copy->style_known || !copy->elf.name[0])
		return;
	snprintf(setter, sizeof setter, "%sopenblas_set_num_threads%s", copy->style.prefix,
		 copy->style.suffix);
	snprintf(getter, sizeof getter, "%sopenblas_get_num_threads%s", copy->style.prefix,
		 copy->style.suffix);
	wanted[NUMBER].name = "blas_cpu_number";
	wanted[POOL].name = "blas_num_threads";
	wanted[AVAIL].name = "blas_server_avail";
	wanted[SETTER].name = setter;
	wanted[GETTER].name = getter;
	if (!elf_file(&copy->elf, wanted, WANTED) || !agrees(copy, &wanted[SETTER])
	    || !agrees(copy, &wanted[GETTER]))
		return;
	for (int i = NUMBER; i <= AVAIL; i++)
		if (!is_counter(&copy->elf, &wanted[i]))
			return;
	copy->hidden.cpu_number = (atomic_int *)wanted[NUMBER].at;
	copy->hidden.pool_size = (atomic_int *)wanted[POOL].at;
	copy->hidden.server_avail = (atomic_int *)wanted[AVAIL].at;
}

static void believe(struct copy *copy, bool proved)
{
	struct hidden *hidden = &copy->hidden;

	shim_debug("%s: private names of its file are %s", copy->elf.name,
		   proved ? "right" : "wrong");
	if (proved) {
		copy->pool_size = hidden->pool_size;
		copy->server_avail = hidden->server_avail;
		__atomic_store_n(&copy->cpu_number, hidden->cpu_number, __ATOMIC_RELEASE);
	}
	hidden->cpu_number = NULL;
}

static bool stands(struct copy *copy, int number)
{
	return atomic_load(copy->hidden.cpu_number) == number && copy->get_num_threads() == number;
}

static bool is_settable(struct copy *copy, int number)
{
	copy->set_num_threads(number);
	return stands(copy, number) && atomic_load(copy->hidden.server_avail) == 1;
}

void blas_hidden_prove(struct copy *copy)
{
	int was = copy->get_num_threads(), pool = atomic_load(copy->hidden.pool_size);

	if (!stands(copy, was) || pool < was || pool > BUDGET_MAX)
		believe(copy, false);
	else if (pool > 1) /* of one, another number would be one thread more: not yet */
		believe(copy, is_settable(copy, was > 1 ? was - 1 : 2) && is_settable(copy, was));
}

void blas_hidden_prove_forked(struct copy *copy)
{
	atomic_int *number = copy->hidden.cpu_number;
	int was = atomic_load(number), pool = atomic_load(copy->hidden.pool_size);
	bool proved = stands(copy, was) && pool >= was && pool <= BUDGET_MAX
		      && !atomic_load(copy->hidden.server_avail);

	if (proved) {
		atomic_store(number, was + 1);
		proved = stands(copy, was + 1);
		atomic_store(number, was);
	}
	believe(copy, proved);
}
