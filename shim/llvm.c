/* SPDX-License-Identifier: MIT */
/*
 * Its `environ` is an import like any other (libomp 14, libiomp5 of 2026): while it
 * sets itself up it leads to a copy of the environment in which OMP_NUM_THREADS is
 * what we say. So all threads of the program begin with it, whichever comes first;
 * the program's own environment is not touched. Only one copy of the runtime can be
 * in a process: it refuses a second one.
 */
#define _GNU_SOURCE
#include "shim/llvm.h"

#include "core/budget.h"
#include "shim/guest.h"
#include "shim/real.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static const char variable[] = "OMP_NUM_THREADS=";

static struct elf bound; /* the runtime that sees the copy; low 0: none does */
static char **copy;
static size_t copy_size;

int llvm_wish(void)
{
	const char *value = shim_env("OMP_NUM_THREADS");

	return guest_ceiling(value ? shim_number(value) : 0);
}

/* "4,2": the first is for the outermost level, and ours; deeper ones stay. */
static void write_text(char *text, size_t size, int threads)
{
	const char *value = shim_env("OMP_NUM_THREADS");
	const char *rest = value ? strchr(value, ',') : NULL;

	snprintf(text, size, "%s%d%s", variable, threads, rest ? rest : "");
}

int llvm_tell(const struct elf *elf, int wish, int share)
{
	static char text[128];
	char ***environment = real_first("environ");
	int threads = budget_clamp(wish, 1, share);
	size_t count = 0, used = 1;

	if (bound.low || !environment || !*environment)
		return wish;
	while ((*environment)[count])
		count++;
	copy_size = (count + 2) * sizeof *copy;
	copy = REAL(mmap)(NULL, copy_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	if (copy == MAP_FAILED)
		return wish;
	write_text(text, sizeof text, threads);
	copy[0] = text;
	for (size_t i = 0; i < count; i++)
		if (strncmp((*environment)[i], variable, sizeof variable - 1) != 0)
			copy[used++] = (*environment)[i];
	bound = *elf;
	if (elf_bind(elf, "environ", &copy) > 0)
		return threads;
	bound.low = 0;
	REAL(munmap)(copy, copy_size);
	return wish;
}

void llvm_settled(void)
{
	if (!bound.low)
		return;
	elf_bind(&bound, "environ", real_first("environ"));
	bound.low = 0;
	REAL(munmap)(copy, copy_size);
}
