/* SPDX-License-Identifier: MIT */
/*
 * Py_AddPendingCall takes neither the interpreter's lock nor anything of ours, from any
 * thread (CPython 3.6 to 3.14). What is called then runs no Python: a module may be half
 * imported at that moment. One request is under way at a time; a lost one is repeated.
 *
 * An interpreter without that lock is not met: numbers stay as they are in a C program. There the
 * first thread's step between two bytecodes says nothing of the others, which hold no lock between
 * asking for a number and working by it; and what is borrowed of a dictionary another may free.
 */
#define _GNU_SOURCE
#include "shim/python.h"

#include "core/ident.h"
#include "shim/elf.h"
#include "shim/guest.h"
#include "shim/numba.h"
#include "shim/numexpr.h"
#include "shim/omp.h"
#include "shim/shim.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { LOST_MS = 2000 };

static int (*add_call)(int (*call)(void *), void *arg);
static int (*is_initialized)(void);
static int (*is_finalizing)(void); /* NULL before 3.7 */
static _Atomic uint64_t asked_ms;  /* 0: nothing is under way */

/* Of its C API, all of them in every version from 3.0 on. Objects are borrowed, none is made. */
static void *(*modules)(void);
static void *(*dict_of)(void *module);
static void *(*item_of)(void *dict, const char *name);
static void *(*pointer_of)(void *number);
static const char *(*text_of)(void *string); /* from 3.3 on */
static void (*clear_error)(void);

static bool find(const struct elf *elf, void *data)
{
	(void)data;
	if (elf_defines(elf, "_Py_DecRefShared", NULL)) /* free threads: 3.13 to 3.15 */
		return true;
	*(void **)&add_call = elf_defines(elf, "Py_AddPendingCall", NULL);
	*(void **)&is_initialized = elf_defines(elf, "Py_IsInitialized", NULL);
	*(void **)&is_finalizing = elf_defines(elf, "Py_IsFinalizing", NULL);
	if (!is_finalizing)
		*(void **)&is_finalizing = elf_defines(elf, "_Py_IsFinalizing", NULL);
	*(void **)&modules = elf_defines(elf, "PyImport_GetModuleDict", NULL);
	*(void **)&dict_of = elf_defines(elf, "PyModule_GetDict", NULL);
	*(void **)&item_of = elf_defines(elf, "PyDict_GetItemString", NULL);
	*(void **)&pointer_of = elf_defines(elf, "PyLong_AsVoidPtr", NULL);
	*(void **)&text_of = elf_defines(elf, "PyUnicode_AsUTF8", NULL);
	*(void **)&clear_error = elf_defines(elf, "PyErr_Clear", NULL);
	return add_call && is_initialized;
}

bool python_here(void)
{
	static atomic_bool looked;

	if (!atomic_exchange(&looked, true))
		elf_each(find, NULL);
	return add_call && is_initialized;
}

/* What the module has by that name; NULL: nothing, or no such module. Errors are left to clear. */
static void *find_item(const char *module, const char *name)
{
	void *at;

	if (!modules || !dict_of || !item_of || !clear_error)
		return NULL;
	at = item_of(modules(), module);
	/* None in its place, or an import that is half done, is an error of theirs. */
	at = at ? dict_of(at) : NULL;
	return at ? item_of(at, name) : NULL;
}

void *python_pointer(const char *module, const char *name)
{
	void *at = pointer_of ? find_item(module, name) : NULL;
	void *pointer = at ? pointer_of(at) : NULL;

	if (!pointer && clear_error)
		clear_error();
	return pointer;
}

const char *python_version(const char *module)
{
	void *at = text_of ? find_item(module, "__version__") : NULL;
	const char *version = at ? text_of(at) : NULL;

	if (!version && clear_error)
		clear_error();
	return version;
}

static int tell(void *arg)
{
	VISIT(visit);

	(void)arg;
	atomic_store(&asked_ms, 0);
	if (visit.welcome) {
		omp_tell_all(__builtin_frame_address(0));
		numexpr_tell();
		numba_tell();
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

void python_notice(void)
{
	if (unlikely(!guest_quiet() && guest_thread.until)) {
		VISIT(visit);

		if (visit.welcome)
			python_request();
	}
}

static int lock_gate(pthread_mutex_t *mutex)
{
	python_notice();
	return pthread_mutex_lock(mutex);
}

void python_follow(const struct elf *elf)
{
	elf_bind(elf, "pthread_mutex_lock", (void *)lock_gate);
}
