/* SPDX-License-Identifier: MIT */
/*
 * Registered late, so that ours is the first handler before a fork and the last one
 * after it: OpenBLAS has put its pool down by then. vfork, posix_spawn and clone run
 * no handlers, and need none: whoever execs begins anew.
 */
#define _GNU_SOURCE
#include "shim/fork.h"

#include "shim/blas.h"
#include "shim/gomp.h"
#include "shim/guest.h"

#include <pthread.h>

/*
 * What crtbeginS.o would define, for pthread_atfork: we are linked without start
 * files, since a constructor is what we do not have.
 */
extern void *__dso_handle;
__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

static void before(void)
{
	VISIT(visit);

	if (visit.welcome)
		gomp_release();
}

static void in_parent(void)
{
	VISIT(visit);

	if (visit.welcome)
		guest_forked_parent();
}

static void in_child(void)
{
	VISIT(visit);

	if (!visit.welcome)
		return;
	guest_forked_child();
	blas_forked_child();
}

void fork_watch(void)
{
	static atomic_bool watching;

	if (!atomic_exchange(&watching, true))
		pthread_atfork(before, in_parent, in_child);
}
