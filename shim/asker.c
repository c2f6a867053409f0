/* SPDX-License-Identifier: MIT */
/*
 * An object has a runtime in it if it shows one of its functions; or if it has read, by a name
 * that is a constant of its own, what nothing but the runtime reads: that is how those give
 * themselves away that are linked into a program and stripped. Nothing is locked or allocated.
 */
#define _GNU_SOURCE
#include "shim/asker.h"

#include "shim/elf.h"

#include <stdatomic.h>
#include <string.h>

/* What one of them shows at least: GCC's and LLVM's OpenMP, OpenBLAS, MKL, BLIS; any BLAS. */
static const char shown[] = "GOMP_parallel\0"
			    "__kmpc_fork_call\0"
			    "blas_cpu_number\0"
			    "mkl_serv_get_max_threads\0"
			    "bli_thread_get_num_threads\0"
			    "dgemm_\0";

/* MKL's layers divide its names among them; torch has MKL inside, and hides it. */
static const char files[] = "/libmkl_\0"
			    "/libtorch\0"
			    "/libc10.\0";

/* Read before OMP_NUM_THREADS, by libgomp 12 alone. */
static const char gives_away[] = "OMP_CANCELLATION\0"
				 "OMP_MAX_TASK_PRIORITY\0"
				 "OMP_TARGET_OFFLOAD\0";

/* Those that a program has for an option or a message of its own. */
static const char common[] = "OPENBLAS_NUM_THREADS\0"
			     "OPENBLAS_DEFAULT_NUM_THREADS\0"
			     "MKL_NUM_THREADS\0"
			     "BLIS_NUM_THREADS\0"
			     "GOMP_CPU_AFFINITY\0"
			     "GOMP_STACKSIZE\0";

/* Each read by its one owner: whoever else knows the name has it from its user. */
static const char owned[] = "RAYON_NUM_THREADS\0"
			    "POLARS_MAX_THREADS\0"
			    "JULIA_NUM_THREADS\0"
			    "R_DATATABLE_NUM_THREADS\0";

/* Objects that gave themselves away. A program has few that show nothing. */
enum { HIDDEN = 8 };
static struct {
	_Atomic uintptr_t low, high;
} hidden[HIDDEN];
static atomic_int hidden_count;

static bool listed(const char *list, const char *name)
{
	for (; *list; list += strlen(list) + 1)
		if (!strcmp(list, name))
			return true;
	return false;
}

static bool shows(const struct elf *elf)
{
	for (const char *name = shown; *name; name += strlen(name) + 1)
		if (elf_symbol(elf, name, NULL))
			return true;
	for (const char *file = files; *file; file += strlen(file) + 1)
		if (strstr(elf->name, file))
			return true;
	return false;
}

static bool is_hidden(const struct elf *elf)
{
	for (int i = 0; i < HIDDEN; i++)
		if (atomic_load(&hidden[i].high) == elf->high
		    && atomic_load(&hidden[i].low) == elf->low)
			return true;
	return false;
}

/* Those that come later are not known, and read what was set. */
static void note_hidden(const struct elf *elf)
{
	int slot = atomic_load(&hidden_count);

	if (is_hidden(elf) || slot >= HIDDEN
	    || (slot = atomic_fetch_add(&hidden_count, 1)) >= HIDDEN)
		return;
	atomic_store(&hidden[slot].low, elf->low);
	atomic_store(&hidden[slot].high, elf->high);
}

static bool is_telling(const char *name)
{
	if (!strncmp(name, "OPENBLAS_", 9) || !strncmp(name, "MKL_", 4)
	    || !strncmp(name, "BLIS_", 5) || !strncmp(name, "GOMP_", 5))
		return !listed(common, name);
	return listed(gives_away, name);
}

static bool contains(const struct elf *elf, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < elf->part_count; i++) {
		const ElfW(Phdr) *part = &elf->parts[i];
		const char *at = (const char *)(elf->base + part->p_vaddr);
		const char *end = at + part->p_filesz;

		if (part->p_type != PT_LOAD || (part->p_flags & (PF_R | PF_W)) != PF_R)
			continue;
		for (; (at = memchr(at, name[0], (size_t)(end - at))); at++)
			if ((size_t)(end - at) >= length && !memcmp(at, name, length))
				return true;
	}
	return false;
}

/* What was found so: some are large. Who comes when it is full is not looked at. */
enum { SEARCHES = 8, NO = 1, YES = 2 };
static struct {
	_Atomic uintptr_t low;
	char letter; /* the second: in that the names differ */
	atomic_int verdict;
} searches[SEARCHES];
static atomic_int search_count;

/*
 * Rust's strings have no end, so that it hands over a copy: the name has to be somewhere among
 * the constants of the object.
 */
static bool has_constant(const struct elf *elf, const char *name)
{
	int slot = 0;
	bool found;

	for (; slot < SEARCHES && atomic_load(&searches[slot].verdict); slot++)
		if (atomic_load(&searches[slot].low) == elf->low
		    && searches[slot].letter == name[1])
			return atomic_load(&searches[slot].verdict) == YES;
	if (atomic_load(&search_count) >= SEARCHES
	    || (slot = atomic_fetch_add(&search_count, 1)) >= SEARCHES)
		return false;
	found = contains(elf, name);
	atomic_store(&searches[slot].low, elf->low);
	searches[slot].letter = name[1];
	atomic_store(&searches[slot].verdict, found ? YES : NO);
	return found;
}

bool asker_is_runtime(const char *name, const void *caller)
{
	struct elf elf;
	bool constant;

	if (!elf_at(caller, &elf))
		return false;
	if (!strcmp(name, "MC_CORES"))
		return elf_symbol(&elf, "R_CheckUserInterrupt", NULL) != NULL;
	constant = (uintptr_t)name >= elf.low && (uintptr_t)name < elf.high;
	if (listed(owned, name))
		return constant || has_constant(&elf, name);
	if (shows(&elf) || is_hidden(&elf))
		return true;
	if (!constant || !is_telling(name))
		return false;
	note_hidden(&elf);
	return true;
}
