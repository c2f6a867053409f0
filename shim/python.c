/* SPDX-License-Identifier: MIT */
/*
 * Py_AddPendingCall takes neither the interpreter's lock nor anything of ours, from any
 * thread (CPython 3.6 to 3.14). What is called then runs no Python: a module may be half
 * imported at that moment. One request is under way at a time; a lost one is repeated.
 */
#define _GNU_SOURCE
#include "shim/python.h"

#include "core/ident.h"
#include "shim/elf.h"
#include "shim/numexpr.h"
#include "shim/omp.h"
#include "shim/shim.h"

#include <stdatomic.h>
#include <stddef.h>

enum { LOST_MS = 2000 };

static int (*add_call)(int (*call)(void *), void *arg);
static int (*is_initialized)(void);
static int (*is_finalizing)(void); /* NULL before 3.7 */
static _Atomic uint64_t asked_ms;  /* 0: nothing is under way */

static bool find(const struct elf *elf, void *data)
{
	(void)data;
	*(void **)&add_call = elf_defines(elf, "Py_AddPendingCall", NULL);
	*(void **)&is_initialized = elf_defines(elf, "Py_IsInitialized", NULL);
	*(void **)&is_finalizing = elf_defines(elf, "Py_IsFinalizing", NULL);
	if (!is_finalizing)
		*(void **)&is_finalizing = elf_defines(elf, "_Py_IsFinalizing", NULL);
	return add_call && is_initialized;
}

bool python_here(void)
{
	static atomic_bool looked;

	if (!atomic_exchange(&looked, true))
		elf_each(find, NULL);
	return add_call && is_initialized;
}

static int tell(void *arg)
{
	VISIT(visit);

	(void)arg;
	atomic_store(&asked_ms, 0);
	if (visit.welcome) {
		omp_tell_all();
		numexpr_tell();
	}
	return 0;
}

void python_request(void)
{
	uint64_t now_ms = ident_coarse_ms(), asked = atomic_load(&asked_ms);

	if (!add_call || !is_initialized || (asked && now_ms - asked < LOST_MS)
	    || !atomic_compare_exchange_strong(&asked_ms, &asked, now_ms))
		return;
	if (!is_initialized() || (is_finalizing && is_finalizing()) || add_call(tell, NULL) != 0)
		atomic_store(&asked_ms, 0);
}
