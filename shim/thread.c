/* SPDX-License-Identifier: MIT */
/*
 * Hook: threads that are started are counted, for `ration -v`, and never refused:
 * every runtime takes a refusal badly (numpy raises SIGINT, numba hangs, libgomp and
 * the JVM end the program).
 */
#define _GNU_SOURCE
#include "shim/blas.h"
#include "shim/guest.h"
#include "shim/numba.h"
#include "shim/numexpr.h"
#include "shim/real.h"
#include "shim/tbb.h"

#include <errno.h>
#include <pthread.h>

static __attribute__((noinline)) void tell(const void *start)
{
	struct elf elf;
	bool found = elf_at(start, &elf);

	shim_debug("a thread of %s", !found        ? "unknown code"
				     : elf.name[0] ? elf.name
						   : "the program");
}

HOOK int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
			void *arg)
{
	const void *caller = __builtin_return_address(0);
	int answer;

	if (!REAL_LATE(pthread_create)) /* a libc without threads, and nobody has loaded them */
		return EAGAIN;
	if (shim_is_out())
		return REAL_LATE(pthread_create)(thread, attr, start, arg);
	answer = REAL_LATE(pthread_create)(thread, attr, tbb_worker(blas_worker(start, caller)),
					   arg);
	VISIT(visit);
	if (!visit.welcome || answer != 0)
		return answer;
	guest_note(0, 0, 0, 1);
	numexpr_meet((const void *)start);
	numba_meet((const void *)start);
	if (unlikely(shim_orders()->debug))
		tell((const void *)start);
	return answer;
}
