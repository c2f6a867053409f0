/* SPDX-License-Identifier: MIT */
/*
 * Registered late, so that ours is the first handler before a fork and the last one
 * after it: OpenBLAS has put its pool down by then. vfork, posix_spawn and clone run
 * no handlers, and need none: whoever execs begins anew.
 */
#define _GNU_SOURCE
#include "shim/fork.h"

#include "shim/blas.h"
#include "shim/guest.h"
#include "shim/numexpr.h"
#include "shim/omp-bind.h"
#include "shim/omp.h"
#include "shim/real.h"
#include "shim/ruling.h"

#include <stddef.h>

static void before(void)
{
	VISIT(visit);

	if (visit.welcome)
		omp_before_fork(__builtin_frame_address(0));
}

static void in_parent(void)
{
	VISIT(visit);

	if (visit.welcome)
		guest_forked_parent();
}

static void as_guest(void)
{
	VISIT(visit);

	if (!visit.welcome)
		return;
	guest_forked_child();
	blas_forked_child();
	numexpr_forked_child();
	omp_bind_forked_child();
	omp_forked_child();
}

static void in_child(void)
{
	as_guest();
	ruling_forked(); /* last: it may bring back who is no guest */
}

/*
 * What pthread_atfork(3) calls; looked up when needed, since a reference to it, with a
 * version of its own, would cost every exec 300 instructions. NULL: never unloaded.
 */
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);

void fork_watch(void)
{
	static atomic_bool watching;

	if (!atomic_exchange(&watching, true) && REAL(__register_atfork))
		REAL(__register_atfork)(before, in_parent, in_child, NULL);
}
