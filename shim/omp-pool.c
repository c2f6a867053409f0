/* SPDX-License-Identifier: MIT */
/*
 * By what ELF says of thread-local storage, and OpenMP of settings: nothing here knows how the
 * runtime lays out what it keeps. The loader's lock is taken when a runtime is met, never in a
 * child, where a thread that is no more may hold it.
 */
#define _GNU_SOURCE
#include "shim/omp-pool.h"

#include "shim/real.h"

#include <string.h>

/* What the loader offers compilers for this (x86-64 psABI, "TLS"; the same on aarch64). */
struct tls_index {
	unsigned long module, offset;
};
void *__tls_get_addr(struct tls_index *index);

struct search {
	struct omp_pool *pool;
	uintptr_t base;
};

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *search = data;

	if (info->dlpi_addr != search->base
	    || size < offsetof(struct dl_phdr_info, dlpi_tls_data) + sizeof(void *))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_TLS)
			continue;
		search->pool->module = info->dlpi_tls_modid;
		search->pool->image = (const void *)(info->dlpi_addr + part->p_vaddr);
		search->pool->image_size = part->p_filesz;
		search->pool->size = part->p_memsz;
	}
	return 1;
}

void omp_pool_learn(struct omp_pool *pool, const struct elf *elf)
{
	*pool = (struct omp_pool){ .module = 0 };
	*(void **)&pool->max_threads = elf_defines(elf, "omp_get_max_threads", NULL);
	*(void **)&pool->set_threads = elf_defines(elf, "omp_set_num_threads", NULL);
	*(void **)&pool->dynamic = elf_defines(elf, "omp_get_dynamic", NULL);
	*(void **)&pool->set_dynamic = elf_defines(elf, "omp_set_dynamic", NULL);
	*(void **)&pool->levels = elf_defines(elf, "omp_get_max_active_levels", NULL);
	*(void **)&pool->set_levels = elf_defines(elf, "omp_set_max_active_levels", NULL);
	*(void **)&pool->schedule = elf_defines(elf, "omp_get_schedule", NULL);
	*(void **)&pool->set_schedule = elf_defines(elf, "omp_set_schedule", NULL);
	/* The program's own storage is more than a runtime's that is linked into it. */
	if (elf->name[0] && pool->dynamic && pool->set_dynamic && pool->levels && pool->set_levels
	    && pool->schedule && pool->set_schedule)
		REAL(dl_iterate_phdr)(look, &(struct search){ pool, elf->base });
}

void omp_pool_forget(const struct omp_pool *pool)
{
	struct tls_index index = { pool->module, 0 };
	int threads, dynamic, levels, kind, chunk, kind_now, chunk_now;
	char *storage;

	if (!pool->module || !REAL(__tls_get_addr))
		return;
	threads = pool->max_threads();
	dynamic = pool->dynamic();
	levels = pool->levels();
	pool->schedule(&kind, &chunk);
	storage = REAL(__tls_get_addr)(&index);
	memmove(storage, pool->image, pool->image_size);
	memset(storage + pool->image_size, 0, pool->size - pool->image_size);
	if (pool->max_threads() != threads)
		pool->set_threads(threads);
	if (pool->dynamic() != dynamic)
		pool->set_dynamic(dynamic);
	if (pool->levels() != levels)
		pool->set_levels(levels);
	pool->schedule(&kind_now, &chunk_now);
	if (kind_now != kind || chunk_now != chunk)
		pool->set_schedule(kind, chunk);
}
