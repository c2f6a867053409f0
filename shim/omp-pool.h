/* SPDX-License-Identifier: MIT */
/*
 * libgomp's pool of threads after a fork. What the runtime knows of a thread stands in its
 * thread-local storage, the threads of its teams among it; a forked child has none of those, and
 * would wait for them at its first region for ever (GCC 4.9 to 16). Nothing is done before the
 * fork, so that the parent keeps its threads, with what they keep. In the child the storage of the
 * one thread is made what a new thread finds, and its settings are put back.
 */
#ifndef RATION_OMP_POOL_H
#define RATION_OMP_POOL_H

#include "shim/elf.h"

struct omp_pool {
	size_t module; /* of its thread-local storage (dl_iterate_phdr(3)); 0: not known */
	const void *image;
	size_t image_size, size;
	/* Its settings of a thread, read and written; NULL: it has none such. */
	int (*max_threads)(void), (*dynamic)(void), (*levels)(void);
	void (*set_threads)(int), (*set_dynamic)(int), (*set_levels)(int);
	void (*schedule)(int *kind, int *chunk), (*set_schedule)(int kind, int chunk);
};

/* Once, when the runtime is met. */
void omp_pool_learn(struct omp_pool *pool, const struct elf *elf);

/* In a forked child, by its thread, outside of all regions. */
void omp_pool_forget(const struct omp_pool *pool);

#endif
