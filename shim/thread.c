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

#include <pthread.h>

HOOK int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
			void *arg)
{
	const void *caller = __builtin_return_address(0);
	void *(*begin)(void *) = tbb_worker(blas_worker(start, caller));
	int answer = REAL(pthread_create)(thread, attr, begin, arg);
	VISIT(visit);

	if (!visit.welcome || answer != 0)
		return answer;
	guest_note(0, 0, 0, 1);
	numexpr_meet((const void *)start);
	numba_meet((const void *)start);
	if (shim_orders()->debug) {
		struct elf elf;
		bool found = elf_at((const void *)start, &elf);

		shim_debug("a thread of %s", !found        ? "unknown code"
					     : elf.name[0] ? elf.name
							   : "the program");
	}
	return answer;
}
