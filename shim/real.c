/* SPDX-License-Identifier: MIT */
/* libc has every name we hook for as long as it has been glibc 2.34: never NULL there. */
#define _GNU_SOURCE
#include "shim/real.h"

#include <dlfcn.h>
#include <stddef.h>

void *real_find(_Atomic(void *) *slot, const char *name)
{
	void *real = atomic_load_explicit(slot, memory_order_acquire);

	if (!real) {
		real = dlsym(RTLD_NEXT, name);
		atomic_store_explicit(slot, real, memory_order_release);
	}
	return real;
}
