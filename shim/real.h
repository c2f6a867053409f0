/* SPDX-License-Identifier: MIT */
/*
 * What the guest would have reached without us, found without dlsym(3): that takes the
 * loader's lock, clears dlerror(3), and may be somebody's hook itself. The objects that a
 * program starts with are never unloaded: their list is walked as it stands.
 */
#ifndef RATION_REAL_H
#define RATION_REAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct link_map;

/*
 * REAL(fn) is the fn that comes after us (RTLD_NEXT), with fn's own prototype: looked up at
 * first use, then kept. For libc only: what a BLAS or OpenMP library defines is found in
 * that very library (elf.h), because a process can hold several of them, out of RTLD_NEXT's
 * sight. Also for what we hook not, where a reference with a symbol version of its own would
 * cost every exec. NULL: this libc has none.
 */
#define REAL(fn) REAL_OF(fn, #fn, real_find)

/* Of libpthread, which a program may load later where libc does not contain it (before 2.34). */
#define REAL_LATE(fn) REAL_OF(fn, #fn, real_find_late)

/* As an import would be bound: what the program itself defines comes first. */
#define REAL_FIRST(fn) REAL_OF(fn, #fn, real_find_first)

#define REAL_OF(fn, name, find)                                                               \
	__extension__({                                                                       \
		static _Atomic(void *) slot_;                                                 \
		void *real_ = atomic_load_explicit(&slot_, memory_order_relaxed);             \
		(__typeof__(&fn))(__builtin_expect(!!real_, 1) ? real_ : find(&slot_, name)); \
	})

void *real_find(_Atomic(void *) *slot, const char *name);
void *real_find_first(_Atomic(void *) *slot, const char *name);
void *real_find_late(_Atomic(void *) *slot, const char *name);

/* The same of an older version of its symbol. */
void *real_find_version(_Atomic(void *) *slot, const char *name, const char *version);

/* What the program itself would reach by that name (RTLD_DEFAULT), of what it started with. */
void *real_first(const char *name);

/* Whether the loader is not glibc's. */
bool real_is_foreign(void);

/* The kernel's function for clock_gettime(2); NULL: it maps none. */
void *real_clock(void);

/* The objects that the program started with, itself first, up to real_last. NULL: no loader's. */
struct link_map *real_head(void);
struct link_map *real_last(void);

#endif
