/* SPDX-License-Identifier: MIT */
/*
 * One object is looked at without a lock, or, where that cannot be, through dl_iterate_phdr(3):
 * it takes only the lock that keeps the list of objects still. elf-symbols.c reads in it.
 */
#define _GNU_SOURCE
#include "shim/elf.h"

#include "shim/real.h"

#include <string.h>
#include <sys/auxv.h>

/* As dlfcn.h has it since glibc 2.35, on the machines that we know. */
struct found {
	unsigned long long flags;
	void *low, *high;
	struct link_map *map;
	void *frames;
	unsigned long long reserved[7];
};

/* glibc has relocated these pointers already, but for a few objects of the kernel's. */
static const void *table(const struct elf *elf, ElfW(Addr) at)
{
	return (const void *)(at < elf->base ? at + elf->base : at);
}

void elf_read(struct elf *elf, const ElfW(Dyn) *entry)
{
	elf->dynamic = entry;
	for (; entry->d_tag != DT_NULL; entry++) {
		const void *at = table(elf, entry->d_un.d_ptr);
		size_t count = entry->d_un.d_val / sizeof(ElfW(Rela));

		switch (entry->d_tag) {
		case DT_SYMTAB:
			elf->symbols = (ElfW(Sym) *)at;
			break;
		case DT_STRTAB:
			elf->strings = at;
			break;
		case DT_JMPREL:
			elf->jumps = at;
			break;
		case DT_PLTRELSZ:
			elf->jump_count = count;
			break;
		case DT_RELA:
			elf->relocations = at;
			break;
		case DT_RELASZ:
			elf->relocation_count = count;
			break;
		case DT_GNU_HASH:
			elf->hash = at;
			break;
		case DT_HASH:
			elf->old_hash = at;
			break;
		case DT_VERSYM:
			elf->versions = at;
			break;
		case DT_VERDEF:
			elf->defined = at;
			break;
		}
	}
}

static bool read_object(const struct dl_phdr_info *info, struct elf *elf)
{
	const ElfW(Dyn) *dynamic = NULL;
	uintptr_t page = REAL(getauxval)(AT_PAGESZ);

	*elf = (struct elf){ .name = info->dlpi_name ? info->dlpi_name : "",
			     .base = info->dlpi_addr,
			     .parts = info->dlpi_phdr,
			     .part_count = info->dlpi_phnum,
			     .low = UINTPTR_MAX };
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = elf->base + part->p_vaddr, to = from + part->p_memsz;

		if (part->p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)from;
		if (part->p_type == PT_GNU_RELRO) {
			elf->relro_low = from & ~(page - 1);
			elf->relro_high = to & ~(page - 1);
		}
		if (part->p_type == PT_LOAD && from < elf->low)
			elf->low = from;
		if (part->p_type == PT_LOAD && to > elf->high)
			elf->high = to;
	}
	if (!dynamic)
		return false;
	elf_read(elf, dynamic);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = elf->base + part->p_vaddr;

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)
		    && (uintptr_t)elf->symbols - from < part->p_memsz)
			elf->code_is_data = true;
	}
	return elf->symbols && elf->strings;
}

struct walk {
	bool (*visit)(const struct elf *elf, void *data);
	void *data;
};

static int step(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct walk *walk = data;
	struct elf elf;

	(void)size;
	return read_object(info, &elf) && walk->visit(&elf, walk->data);
}

void elf_each(bool (*visit)(const struct elf *elf, void *data), void *data)
{
	REAL(dl_iterate_phdr)(step, &(struct walk){ visit, data });
}

struct place {
	uintptr_t address;
	struct elf *elf;
	bool found;
};

static bool holds(const struct elf *elf, void *data)
{
	struct place *place = data;

	if (place->address < elf->low || place->address >= elf->high)
		return false;
	*place->elf = *elf;
	return place->found = true;
}

/* The first page of the file, if it is there; false: the program headers are not in it. */
static bool read_header(const struct link_map *map, uintptr_t at, struct elf *elf)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)at;
	struct dl_phdr_info info = { .dlpi_addr = map->l_addr, .dlpi_name = map->l_name };

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_phentsize != sizeof(ElfW(Phdr))
	    || header->e_phoff > 4096 - sizeof(ElfW(Phdr)) * header->e_phnum)
		return false;
	info.dlpi_phdr = (const ElfW(Phdr) *)(at + header->e_phoff);
	info.dlpi_phnum = header->e_phnum;
	return read_object(&info, elf);
}

/* Its header's page is known to be there if its hash table lies in it. */
static bool read_first(const struct link_map *map, struct elf *elf)
{
	struct elf look = { .base = map->l_addr };
	uintptr_t at = map->l_addr;

	elf_read(&look, map->l_ld);
	if (map == real_head() || ((uintptr_t)look.hash ^ at) > 4095)
		return false;
	return read_header(map, at, elf);
}

static bool read_program(struct elf *elf)
{
	struct dl_phdr_info info = { .dlpi_addr = real_head()->l_addr, .dlpi_name = "" };

	info.dlpi_phdr = (const ElfW(Phdr) *)REAL(getauxval)(AT_PHDR);
	info.dlpi_phnum = (ElfW(Half))REAL(getauxval)(AT_PHNUM);
	return info.dlpi_phdr && read_object(&info, elf);
}

/* Of those that the program started with. */
static __attribute__((noinline)) bool among_first(struct place *place)
{
	struct link_map *last = real_last();

	if (!last)
		return false;
	for (struct link_map *map = real_head(); map; map = map->l_next) {
		struct elf elf;

		if ((map == real_head() ? read_program(&elf) : read_first(map, &elf))
		    && holds(&elf, place))
			return true;
		if (map == last)
			break;
	}
	return false;
}

/* The loader's own; NULL: it has none, and is not searched for it again. */
static int (*finder(void))(void *address, struct found *found)
{
	static _Atomic(void *) slot;
	int (*find)(void *, struct found *);
	void *none = (void *)finder, *real = atomic_load_explicit(&slot, memory_order_relaxed);

	if (!real && !(real = real_find(&slot, "_dl_find_object")))
		atomic_store_explicit(&slot, none, memory_order_relaxed);
	*(void **)&find = real == none ? NULL : real;
	return find;
}

bool elf_at(const void *address, struct elf *elf)
{
	struct place place = { (uintptr_t)address, elf, false };
	int (*find)(void *, struct found *) = finder();
	struct found found;

	if (find) {
		if (find((void *)address, &found) != 0)
			return false;
		if (read_header(found.map, (uintptr_t)found.low, elf))
			return holds(elf, &place);
	} else if (among_first(&place)) {
		return true;
	}
	elf_each(holds, &place);
	return place.found;
}
