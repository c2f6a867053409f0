/* SPDX-License-Identifier: MIT */
/*
 * A library is known by where it is installed; its version by what Python says of it. Both ends of
 * each range were tried by the fuzz (tests/matrix/fuzz.py): shares at random, the same results. A
 * call on the stack leaves its return address there: a word that leads into a user, or into what
 * is linked to one, is taken for such a call, though it may be left over from an earlier one.
 */
#define _GNU_SOURCE
#include "shim/omp-users.h"

#include "shim/elf.h"
#include "shim/entry.h"
#include "shim/omp.h"
#include "shim/python.h"
#include "shim/real.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OBJECTS = 1024, ALL_COPIES = (1 << ENTRY_GROUPS) - 1, UNKNOWN_LIBRARY = -1 };
enum { STACK_MOST = 64 << 20 };

/* Part of a path; the module that has the version; the oldest and the newest that were tried. */
static const struct library {
	char part[24], module[12], oldest[6], newest[6];
} libraries[] = {
	{ "/sklearn/", "sklearn", "1.9", "1.9" },
	{ "/torch/lib/", "torch", "2.15", "2.15" },
	{ "/libtorch", "torch", "1.13", "1.13" }, /* Debian's */
	{ "/libcaffe2", "torch", "1.13", "1.13" },
	{ "/xgboost/", "xgboost", "3.2", "3.2" },
	{ "/faiss/", "faiss", "1.15", "1.15" },
	{ "/pyfftw/", "pyfftw", "0.15", "0.15" },
	/* These name the number in each region, as OpenBLAS does, or are told it otherwise. */
	{ "/ufunc/omppool.", "", "", "" },
	{ "/libmkl_", "", "", "" },
	{ "/libopenblas", "", "", "" },
	{ "/libblas", "", "", "" },
	{ "/liblapack", "", "", "" },
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static struct object {
	uintptr_t low, high;
	uint32_t name;  /* of its file, as a hash */
	int copies;     /* bits: the runtimes that it calls; 0: it only leads to one that does */
	int library;    /* its index, or UNKNOWN_LIBRARY */
	bool concerned; /* it calls a runtime, or is linked to what does */
} objects[OBJECTS];
static int count; /* more than OBJECTS: they are not all here */
static unsigned long long seen_adds, seen_subs;
static atomic_uint turn;   /* odd: the objects are being written */
static atomic_int refused; /* bits: libraries of versions that nobody has tried */

static uint32_t hash_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	uint32_t hash = 5381;

	for (name = slash ? slash + 1 : name; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static bool is_of_openmp(const char *name)
{
	return !strncmp(name, "GOMP_", 5) || !strncmp(name, "omp_", 4)
	       || !strncmp(name, "__kmpc_", 7);
}

/* Where a slot leads, past what we put in front of it; 0: nobody can tell, as yet. */
static int copy_of(void *bound)
{
	int index = omp_index(entry_behind(bound));

	return index < 0 ? 0 : 1 << index;
}

/* The runtimes that it calls: all of them, where that cannot be told. */
static int copies_of(const struct elf *elf)
{
	int copies = 0;
	bool calls = false;

	for (size_t i = 0; i < elf->jump_count + elf->relocation_count; i++) {
		const ElfW(Rela) *entry = i < elf->jump_count
						  ? &elf->jumps[i]
						  : &elf->relocations[i - elf->jump_count];
		const ElfW(Sym) *symbol = &elf->symbols[ELF64_R_SYM(entry->r_info)];

		if (!ELF64_R_SYM(entry->r_info) || symbol->st_shndx != SHN_UNDEF
		    || ELF64_ST_BIND(symbol->st_info) == STB_WEAK
		    || !is_of_openmp(elf->strings + symbol->st_name))
			continue;
		calls = true;
		copies |= copy_of(
			__atomic_load_n((void **)(elf->base + entry->r_offset), __ATOMIC_RELAXED));
	}
	return calls && !copies ? ALL_COPIES : copies;
}

static int library_of(const char *name)
{
	for (int i = 0; i < LIBRARIES; i++)
		if (strstr(name, libraries[i].part))
			return i;
	return UNKNOWN_LIBRARY;
}

static bool collect(const struct elf *elf, void *data)
{
	struct object *object = &objects[count < OBJECTS ? count : 0];

	(void)data;
	if (++count > OBJECTS)
		return true;
	*object = (struct object){ elf->low,
				   elf->high,
				   hash_of(elf->name),
				   omp_index((void *)elf->low) < 0 ? copies_of(elf) : 0,
				   library_of(elf->name),
				   false };
	object->concerned = object->copies != 0;
	return false;
}

static bool is_concerned(uint32_t name)
{
	for (int i = 0; i < count; i++)
		if (objects[i].concerned && objects[i].name == name)
			return true;
	return false;
}

static bool follow(const struct elf *elf, void *data)
{
	struct object *object = NULL;

	for (int i = 0; i < count && !object; i++)
		if (objects[i].low == elf->low)
			object = &objects[i];
	if (!object || object->concerned)
		return false;
	for (const ElfW(Dyn) *entry = elf->dynamic; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_NEEDED
		    && is_concerned(hash_of(elf->strings + entry->d_un.d_val)))
			*(bool *)data = object->concerned = true;
	return false;
}

static int has_changed(struct dl_phdr_info *info, size_t size, void *data)
{
	bool *changed = data;

	(void)size;
	*changed = info->dlpi_adds != seen_adds || info->dlpi_subs != seen_subs;
	seen_adds = info->dlpi_adds;
	seen_subs = info->dlpi_subs;
	return 1;
}

void omp_users_look(void)
{
	unsigned int now = atomic_load(&turn);
	bool changed = true;

	if (now & 1 || !atomic_compare_exchange_strong(&turn, &now, now + 1))
		return;
	REAL(dl_iterate_phdr)(has_changed, &changed);
	if (changed) {
		count = 0;
		elf_each(collect, NULL);
		while (changed && count <= OBJECTS) {
			changed = false;
			elf_each(follow, &changed);
		}
	}
	atomic_store(&turn, now + 2);
}

bool omp_users_ask_anew(int index)
{
	unsigned int begun = atomic_load(&turn);
	int known = count;
	bool used = false;

	if (known > OBJECTS || begun & 1)
		return false;
	for (int i = 0; i < known; i++) {
		int library = objects[i].library;

		if (!(objects[i].copies & 1 << index))
			continue;
		used = true;
		if (library < 0 || (atomic_load(&refused) & 1 << library))
			return false;
	}
	atomic_thread_fence(memory_order_acquire);
	return used && atomic_load(&turn) == begun;
}

/* "1.10" is later than "1.9", and "1.9.1" is of "1.9". */
static int compare(const char *version, const char *with)
{
	while (*with) {
		long left = 0, right = 0;

		for (; *version >= '0' && *version <= '9'; version++)
			left = left * 10 + *version - '0';
		for (; *with >= '0' && *with <= '9'; with++)
			right = right * 10 + *with - '0';
		if (left != right)
			return left < right ? -1 : 1;
		if (*with == '.')
			with++;
		if (*version == '.')
			version++;
		else if (*with)
			return -1;
	}
	return 0;
}

void omp_users_check_versions(void)
{
	for (int i = 0; i < LIBRARIES; i++) {
		const char *version = libraries[i].module[0] ? python_version(libraries[i].module)
							     : NULL;

		/* It is not imported yet, or by halves: looked at again. */
		if (version
		    && (compare(version, libraries[i].oldest) < 0
			|| compare(version, libraries[i].newest) > 0))
			atomic_fetch_or(&refused, 1 << i);
	}
}

/* Where the thread's own stack ends; 0 if "at" is on another: a coroutine's, a signal's. */
static uintptr_t stack_end(uintptr_t at)
{
	pthread_attr_t attributes;
	void *low = NULL;
	size_t size = 0;

	/* The name of the program lies at the end of its first thread's stack (execve(2)), and
	 * nothing else within 128 MiB below it (mmap_base in the kernel's arch/x86/mm/mmap.c). */
	if (syscall(SYS_gettid) == getpid())
		return REAL(getauxval)(AT_EXECFN);
	if (!REAL_LATE(pthread_getattr_np) || !REAL(pthread_self)
	    || REAL_LATE(pthread_getattr_np)(REAL(pthread_self)(), &attributes) != 0)
		return 0;
	REAL_LATE(pthread_attr_getstack)(&attributes, &low, &size);
	REAL_LATE(pthread_attr_destroy)(&attributes);
	return at >= (uintptr_t)low ? (uintptr_t)low + size : 0;
}

bool omp_users_below(const void *from)
{
	uintptr_t at = (uintptr_t)from & ~(sizeof(uintptr_t) - 1), end = stack_end(at);
	unsigned int begun = atomic_load(&turn);
	int known = count;

	/* Far away: this is another stack than the thread's own. */
	if (end <= at || end - at > STACK_MOST || known > OBJECTS || begun & 1)
		return true;
	for (; at + sizeof(uintptr_t) <= end; at += sizeof(uintptr_t)) {
		uintptr_t word = *(const uintptr_t *)at;

		for (int i = 0; i < known; i++)
			if (objects[i].concerned && word >= objects[i].low
			    && word < objects[i].high)
				return true;
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&turn) != begun;
}
