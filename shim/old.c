/* SPDX-License-Identifier: MIT */
/*
 * What programs of 2004 are bound to. Masks had one size then, and nobody named it (glibc before
 * 2.3.4): such a call must not reach the function that takes three arguments. It goes on to its
 * own. And what is bound to a version between that and today's is today's.
 */
#define _GNU_SOURCE
#include "shim/real.h"
#include "shim/shim.h"

#include <pthread.h>
#include <sched.h>

#if defined __x86_64__
static void *find_old(_Atomic(void *) *slot, const char *name)
{
	return real_find_version(slot, name, "GLIBC_2.3.3");
}

/* NOLINTBEGIN(bugprone-macro-parentheses): prototypes, and lists of arguments */
/* With its prototype of that time. */
#define OLD(fn, types, args)                                       \
	__attribute__((visibility("default"))) int old_##fn types; \
	__asm__(".symver old_" #fn ", " #fn "@GLIBC_2.3.3");       \
	int old_##fn types                                         \
	{                                                          \
		return REAL_OF(old_##fn, #fn, find_old) args;      \
	}
/* With that of today. */
#define SAME(fn, types, args)                                       \
	__attribute__((visibility("default"))) int same_##fn types; \
	__asm__(".symver same_" #fn ", " #fn "@GLIBC_2.3.4");       \
	int same_##fn types                                         \
	{                                                           \
		return fn args;                                     \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

OLD(sched_getaffinity, (pid_t pid, cpu_set_t *mask), (pid, mask))
OLD(sched_setaffinity, (pid_t pid, const cpu_set_t *mask), (pid, mask))
OLD(pthread_getaffinity_np, (pthread_t thread, cpu_set_t *mask), (thread, mask))
OLD(pthread_setaffinity_np, (pthread_t thread, const cpu_set_t *mask), (thread, mask))
OLD(pthread_attr_setaffinity_np, (pthread_attr_t * attr, const cpu_set_t *mask), (attr, mask))

SAME(pthread_getaffinity_np, (pthread_t thread, size_t size, cpu_set_t *mask), (thread, size, mask))
SAME(pthread_setaffinity_np, (pthread_t thread, size_t size, const cpu_set_t *mask),
     (thread, size, mask))
SAME(pthread_attr_setaffinity_np, (pthread_attr_t * attr, size_t size, const cpu_set_t *mask),
     (attr, size, mask))
#endif
