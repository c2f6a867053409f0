/* SPDX-License-Identifier: MIT */
/*
 * The loader's list (r_debug, which it keeps for debuggers) has the objects in the order in
 * which it searches them: the program, preloads, then what these need, level by level. What
 * is opened later comes behind those (glibc 2.28 to 2.41), and may go at any time: so we
 * have to know where to stop.
 */
#define _GNU_SOURCE
#include "shim/real.h"

#include "shim/aside.h"
#include "shim/elf.h"

#include <string.h>

/* Of glibc's loader, and of musl's. Weak, and without a version: neither has the other's. */
extern struct r_debug _r_debug __attribute__((weak));
extern struct r_debug *_dl_debug_addr __attribute__((weak));
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

#if defined __aarch64__
static const char kernel_clock[] = "__kernel_clock_gettime";
#else
static const char kernel_clock[] = "__vdso_clock_gettime";
#endif

struct link_map *real_head(void)
{
	const struct r_debug *debug = &_r_debug         ? &_r_debug
				      : &_dl_debug_addr ? _dl_debug_addr
							: NULL;

	return debug ? debug->r_map : NULL;
}

bool real_is_foreign(void)
{
	return !&_r_debug;
}

static struct link_map *ourselves(void)
{
	static _Atomic(struct link_map *) found;
	struct link_map *map = atomic_load_explicit(&found, memory_order_relaxed);

	if (map)
		return map;
	for (map = real_head(); map && map->l_ld != _DYNAMIC; map = map->l_next)
		;
	atomic_store_explicit(&found, map, memory_order_relaxed);
	return map;
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

static bool is_libc(const struct link_map *map)
{
	return !strcmp(base_name(map->l_name), "libc.so.6");
}

/* Whether some object before this one, or at it, needs it. */
static bool is_needed(const struct link_map *map)
{
	const char *name = base_name(map->l_name);

	for (const struct link_map *at = real_head(); at && at != map; at = at->l_next) {
		struct elf elf = { .base = at->l_addr };

		elf_read(&elf, at->l_ld);
		for (const ElfW(Dyn) *entry = at->l_ld; entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_NEEDED && elf.strings
			    && !strcmp(base_name(elf.strings + entry->d_un.d_val), name))
				return true;
	}
	return false;
}

/*
 * All objects up to libc were there when the program started, since libc was; behind it, those
 * that one before them needs: who is opened later is so because nobody needed it.
 */
struct link_map *real_last(void)
{
	static _Atomic(struct link_map *) found;
	struct link_map *last = atomic_load_explicit(&found, memory_order_relaxed), *next;

	if (last)
		return last;
	last = ourselves();
	for (next = last; next; next = next->l_next)
		if (is_libc(next)) {
			last = next;
			break;
		}
	while (last && last->l_next && is_needed(last->l_next))
		last = last->l_next;
	atomic_store_explicit(&found, last, memory_order_relaxed);
	return last;
}

/* Of the version, or (NULL) of that which is bound to where none is named. */
static void *definition(const struct link_map *map, const char *name, const char *version)
{
	struct elf elf = { .base = map->l_addr };
	ElfW(Sym) *symbol = NULL;

	elf_read(&elf, map->l_ld);
	if (!elf.symbols || !elf.strings)
		return NULL;
	do
		symbol = elf_symbol(&elf, name, symbol);
	while (symbol && !elf_is_version(&elf, symbol, version));
	return symbol ? elf_address(&elf, symbol) : NULL;
}

static void *search(struct link_map *map, const char *name, const char *version)
{
	struct link_map *last = NULL;
	bool beyond = false;
	void *real;

	for (; map; map = map->l_next) {
		real = definition(map, name, version);
		if (real)
			return real;
		/* Seldom so far: libc has nearly all. */
		beyond |= is_libc(map);
		if (beyond && !last)
			last = real_last();
		if (map == last)
			return NULL;
	}
	return NULL;
}

static void *keep(_Atomic(void *) *slot, void *real)
{
	atomic_store_explicit(slot, real, memory_order_relaxed);
	return real;
}

struct wanted {
	const char *name, *version;
	void *real;
};

static void find_next(void *data)
{
	struct wanted *wanted = data;
	struct link_map *self = ourselves();

	if (self)
		wanted->real = search(self->l_next, wanted->name, wanted->version);
}

void *real_find_version(_Atomic(void *) *slot, const char *name, const char *version)
{
	struct wanted wanted = { name, version, NULL };

	aside_try(find_next, &wanted);
	return keep(slot, wanted.real);
}

void *real_find(_Atomic(void *) *slot, const char *name)
{
	return real_find_version(slot, name, NULL);
}

static bool defines(const struct elf *elf, void *data)
{
	struct wanted *late = data;

	if (elf->dynamic != _DYNAMIC)
		late->real = elf_defines(elf, late->name, NULL);
	return late->real;
}

void *real_find_late(_Atomic(void *) *slot, const char *name)
{
	struct wanted late = { name, NULL, real_find(slot, name) };

	if (late.real)
		return late.real;
	elf_each(defines, &late);
	return keep(slot, late.real);
}

static void find_first(void *data)
{
	struct wanted *wanted = data;

	wanted->real = search(real_head(), wanted->name, NULL);
}

void *real_find_first(_Atomic(void *) *slot, const char *name)
{
	struct wanted wanted = { name, NULL, NULL };

	aside_try(find_first, &wanted);
	return keep(slot, wanted.real);
}

void *real_first(const char *name)
{
	return search(real_head(), name, NULL);
}

/* Second in the list, as a rule. */
void *real_clock(void)
{
	static _Atomic(void *) found;
	void *none = (void *)real_clock, *real = atomic_load_explicit(&found, memory_order_relaxed);

	if (!real) {
		for (struct link_map *map = real_head(); map && !real; map = map->l_next) {
			if (!strncmp(base_name(map->l_name), "linux-", 6))
				real = definition(map, kernel_clock, NULL);
			if (map == ourselves())
				break;
		}
		keep(&found, real ? real : none);
	}
	return real == none ? NULL : real;
}
