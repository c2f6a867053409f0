/* SPDX-License-Identifier: MIT */
#ifndef RATION_REAL_H
#define RATION_REAL_H

#include <stdatomic.h>

/*
 * REAL(fn) is the fn of libc that the guest would have reached without us, with
 * fn's own prototype: looked up at first use, then kept. For libc only: what a
 * BLAS or OpenMP library defines is found in that very library (elf.h), because a
 * process can hold several of them, out of RTLD_NEXT's sight. Also for what we hook
 * not, where a reference with a symbol version of its own would cost every exec.
 */
#define REAL(fn)                                         \
	__extension__({                                  \
		static _Atomic(void *) slot_;            \
		(__typeof__(&fn))real_find(&slot_, #fn); \
	})

void *real_find(_Atomic(void *) *slot, const char *name);

#endif
