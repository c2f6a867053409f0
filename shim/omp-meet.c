/* SPDX-License-Identifier: MIT */
/* The copies of OpenMP runtimes of this process, from the moment when they are loaded. */
#define _GNU_SOURCE
#include "shim/omp.h"

#include "shim/guest.h"
#include "shim/omp-api.h"
#include "shim/omp-runtime.h"
#include "shim/python.h"

/* Each begins a team, or asks how large one would be. GCC 4.2 to 12, LLVM 14 to 20. */
static const char entries[] = "GOMP_parallel\0"
			      "GOMP_parallel_reductions\0"
			      "GOMP_parallel_sections\0"
			      "GOMP_parallel_loop_static\0"
			      "GOMP_parallel_loop_dynamic\0"
			      "GOMP_parallel_loop_guided\0"
			      "GOMP_parallel_loop_runtime\0"
			      "GOMP_parallel_loop_nonmonotonic_dynamic\0"
			      "GOMP_parallel_loop_nonmonotonic_guided\0"
			      "GOMP_parallel_loop_nonmonotonic_runtime\0"
			      "GOMP_parallel_loop_maybe_nonmonotonic_runtime\0"
			      "GOMP_parallel_start\0"
			      "GOMP_parallel_sections_start\0"
			      "GOMP_parallel_loop_static_start\0"
			      "GOMP_parallel_loop_dynamic_start\0"
			      "GOMP_parallel_loop_guided_start\0"
			      "GOMP_parallel_loop_runtime_start\0"
			      "GOMP_teams_reg\0"
			      "omp_get_max_threads\0"
			      "omp_get_max_threads_\0"
			      "__kmpc_fork_call\0"
			      "__kmpc_fork_call_if\0"
			      "__kmpc_fork_teams\0";

struct openmp omp_runtimes[ENTRY_GROUPS];

int omp_index(const void *function)
{
	for (int i = 0; i < ENTRY_GROUPS; i++)
		if ((uintptr_t)function >= atomic_load(&omp_runtimes[i].low)
		    && (uintptr_t)function < atomic_load(&omp_runtimes[i].high))
			return i;
	return -1;
}

static bool read_functions(struct openmp *runtime, const struct elf *elf)
{
	*(void **)&runtime->max_threads = elf_defines(elf, "omp_get_max_threads", NULL);
	*(void **)&runtime->set_threads = elf_defines(elf, "omp_set_num_threads", NULL);
	*(void **)&runtime->level = elf_defines(elf, "omp_get_level", NULL);
	*(void **)&runtime->team_size = elf_defines(elf, "omp_get_team_size", NULL);
	*(void **)&runtime->thread_num = elf_defines(elf, "omp_get_thread_num", NULL);
	*(void **)&runtime->thread_limit = elf_defines(elf, "omp_get_thread_limit", NULL);
	return runtime->max_threads && runtime->set_threads && runtime->level && runtime->team_size
	       && runtime->thread_num;
}

static void note(bool llvm)
{
	guest_join();
	python_here();
	guest_note(llvm ? RUNTIME_LLVM : RUNTIME_LIBGOMP, 0, 0, 0);
}

static int meet(const struct elf *elf, bool llvm)
{
	struct openmp found = { .llvm = llvm };
	const char *variable;
	int index;

	if (!read_functions(&found, elf))
		return -1;
	note(llvm);
	variable = shim_env("OMP_NUM_THREADS");
	index = entry_group();
	if (index < 0)
		return -1;
	omp_runtimes[index].llvm = llvm;
	if (variable && shim_number(variable) > guest_cores())
		omp_runtimes[index].above = shim_number(variable);
	omp_runtimes[index].library = elf->name[0] != '\0';
	omp_runtimes[index].max_threads = found.max_threads;
	omp_runtimes[index].set_threads = found.set_threads;
	omp_runtimes[index].level = found.level;
	omp_runtimes[index].team_size = found.team_size;
	omp_runtimes[index].thread_num = found.thread_num;
	omp_runtimes[index].thread_limit = found.thread_limit;
	if (!llvm)
		omp_pool_learn(&omp_runtimes[index].pool, elf);
	atomic_store(&omp_runtimes[index].high, elf->high);
	atomic_store(&omp_runtimes[index].low, elf->low);
	entry_open(index, elf, entries, omp_arrive);
	omp_api_open(elf, index);
	shim_debug("%s: OpenMP (%s), at first contact", elf->name, llvm ? "LLVM" : "GCC");
	return index;
}

void omp_meet(const void *address)
{
	struct elf elf;

	/* LLVM's runtime knows these names too. */
	if (omp_index(address) < 0 && elf_at(address, &elf)
	    && elf_defines(&elf, "GOMP_parallel", NULL)
	    && !elf_defines(&elf, "__kmpc_fork_call", NULL))
		meet(&elf, false);
}

bool omp_tells(const void *address)
{
	int index;

	omp_meet(address);
	index = omp_index(address);
	return index >= 0 && omp_runtimes[index].library;
}

void omp_meet_llvm(const void *address)
{
	int index = omp_index(address);
	struct elf elf;

	if (!elf_at(address, &elf) || !elf_defines(&elf, "__kmpc_fork_call", NULL))
		return;
	if (index < 0)
		index = meet(&elf, true);
	if (index >= 0)
		omp_tell_llvm(index, &elf);
}
