/* SPDX-License-Identifier: MIT */
/*
 * libgomp binds by libc's functions (GCC 12 to 16), which come by bind.c. LLVM's runtime binds by
 * system call: it is not told that the user asked for it (llvm.c).
 */
#define _GNU_SOURCE
#include "shim/omp-bind.h"

#include "core/family.h"
#include "shim/bind.h"
#include "shim/guest.h"
#include "shim/omp.h"

static struct mask base;  /* what this process might use before it was bound */
static atomic_int noted;  /* 1: being noted, 2: noted */
static atomic_bool bound; /* a thread of this process, or of the one that forked it */

bool omp_bind_wanted(void)
{
	return shim_env("OMP_PROC_BIND") || shim_env("OMP_PLACES") || shim_env("GOMP_CPU_AFFINITY")
	       || shim_env("KMP_AFFINITY");
}

bool omp_bind_shares(void)
{
	struct home *home = guest_home_made();
	struct row *mine;

	guest_join();
	mine = home ? atomic_load(&home->row) : NULL;
	if (!mine || guest_is_forked(home))
		return true;
	for (int i = 0; i < LEDGER_ROWS; i++) {
		struct row *row = &guest_ledger->rows[i];
		uint64_t owner = atomic_load(&row->owner);

		/* Between two rounds the table has rows of the dead. */
		if (row != mine && owner && atomic_load(&row->busy)
		    && (!ledger_is_of(row, atomic_load(&guest_space)) || ident_alive(owner)))
			return true;
	}
	return family_pending(guest_ledger, atomic_load(&guest_space),
			      (int)atomic_load(&mine->parent))
	       > 0;
}

static bool note_base(void)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&noted, &none, 1))
		atomic_store(&noted, mask_get(0, &base) == 0 ? 2 : 0);
	return atomic_load(&noted) == 2;
}

const struct mask *omp_bind_instead(const void *caller)
{
	omp_meet(caller); /* it may bind before it asks for what gives it away */
	if (omp_index(caller) < 0 || !note_base())
		return NULL;
	atomic_store(&bound, true);
	return omp_bind_shares() ? &base : NULL;
}

void omp_bind_forked_child(void)
{
	if (atomic_load(&bound) && note_base() && !bind_is_fenced())
		mask_set(0, &base);
}
