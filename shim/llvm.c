/* SPDX-License-Identifier: MIT */
/*
 * Its `environ` is an import like any other (libomp 14, libiomp5 of 2026): while it
 * sets itself up it leads to a copy of the environment in which OMP_NUM_THREADS is
 * what we say. So all threads of the program begin with it, whichever comes first;
 * the program's own environment is not touched. Only one copy of the runtime can be
 * in a process: it refuses a second one. It sets itself up once, in whichever thread comes
 * first, while others may come by: that thread alone puts an end to it.
 */
#define _GNU_SOURCE
#include "shim/llvm.h"

#include "core/budget.h"
#include "shim/guest.h"
#include "shim/omp-bind.h"
#include "shim/real.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char variable[] = "OMP_NUM_THREADS=";
#define ACTIVE_MS "50" /* longer than the way from one region to the next */

/* The thread in which it sets itself up now; 0: none. Before it is set, the rest is. */
static atomic_int teller;
static struct elf bound; /* the runtime that sees the copy */
static char **copy;      /* never freed: it may be read at any time until all is settled */

int llvm_wish(void)
{
	const char *value = shim_env("OMP_NUM_THREADS");

	return value && shim_number(value) > 0 ? shim_number(value) : guest_cores();
}

/* "4,2": the first is for the outermost level, and ours; deeper ones stay. */
static void write_text(char *text, size_t size, int threads)
{
	const char *value = shim_env("OMP_NUM_THREADS");
	const char *rest = value ? strchr(value, ',') : NULL;

	snprintf(text, size, "%s%d%s", variable, threads, rest ? rest : "");
}

static bool starts_with(const char *entry, const char *name)
{
	return strncmp(entry, name, strlen(name)) == 0;
}

/* What it shall not find: the number, which is ours; and that it binds threads, if it shares. */
static bool hides(const char *entry, bool unbound)
{
	return starts_with(entry, variable)
	       || (unbound
		   && (starts_with(entry, "OMP_PROC_BIND=") || starts_with(entry, "OMP_PLACES=")
		       || starts_with(entry, "KMP_AFFINITY=")
		       || starts_with(entry, "GOMP_CPU_AFFINITY=")));
}

/* As an active policy has it: then other guests could not compute while its program waits. */
static bool spins_for_ever(void)
{
	const char *policy = shim_env("OMP_WAIT_POLICY");

	return policy && (policy[0] | 0x20) == 'a' && !shim_env("KMP_BLOCKTIME");
}

int llvm_tell(const struct elf *elf, int wish, int share)
{
	static char text[128];
	char ***environment = real_first("environ");
	int threads = budget_clamp(wish, 1, share);
	size_t count = 0, used = 1;
	bool unbound = omp_bind_wanted() && omp_bind_shares();
	char **made;

	if (atomic_load(&teller) || !environment || !*environment)
		return wish;
	while ((*environment)[count])
		count++;
	made = REAL(mmap)(NULL, (count + 4) * sizeof *made, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return wish;
	write_text(text, sizeof text, threads);
	made[0] = text;
	if (unbound) /* said, as it may know better from before a fork (14) */
		made[used++] = (char *)"OMP_PROC_BIND=false";
	if (spins_for_ever())
		made[used++] = (char *)"KMP_BLOCKTIME=" ACTIVE_MS;
	for (size_t i = 0; i < count; i++)
		if (!hides((*environment)[i], unbound))
			made[used++] = (*environment)[i];
	copy = made;
	bound = *elf;
	if (elf_bind(elf, "environ", &copy) < 1)
		return wish;
	atomic_store(&teller, (int)syscall(SYS_gettid));
	return threads;
}

void llvm_settled(bool forked)
{
	int thread = atomic_load(&teller);

	if (!thread || (!forked && thread != (int)syscall(SYS_gettid)))
		return;
	elf_bind(&bound, "environ", real_first("environ"));
	atomic_store(&teller, 0);
}
