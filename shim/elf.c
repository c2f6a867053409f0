/* SPDX-License-Identifier: MIT */
/*
 * Read through dl_iterate_phdr(3) alone: it takes only the lock that keeps the list
 * of objects still.
 */
#define _GNU_SOURCE
#include "shim/elf.h"

#include "shim/real.h"

#include <string.h>
#include <sys/auxv.h>

/* glibc has relocated these pointers already, but for a few objects of the kernel's. */
static const void *table(const struct elf *elf, ElfW(Addr) at)
{
	return (const void *)(at < elf->base ? at + elf->base : at);
}

static void read_dynamic(struct elf *elf, const ElfW(Dyn) *entry)
{
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
		}
	}
}

static bool read_object(const struct dl_phdr_info *info, struct elf *elf)
{
	const ElfW(Dyn) *dynamic = NULL;
	uintptr_t page = REAL(getauxval)(AT_PAGESZ);

	*elf = (struct elf){ .name = info->dlpi_name ? info->dlpi_name : "",
			     .base = info->dlpi_addr,
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
	read_dynamic(elf, dynamic);
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

bool elf_at(const void *address, struct elf *elf)
{
	struct place place = { (uintptr_t)address, elf, false };

	elf_each(holds, &place);
	return place.found;
}

/* The GNU hash table: bloom filter, buckets, chains whose last link has bit 0 set. */
ElfW(Sym) *elf_symbol(const struct elf *elf, const char *name, ElfW(Sym) *after)
{
	const uint32_t *buckets, *chain, *head = elf->hash;
	uint32_t hash = 5381;

	if (!head || !head[0])
		return NULL;
	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	buckets = head + 4 + head[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
	chain = buckets + head[0];
	for (uint32_t i = buckets[hash % head[0]]; i >= head[1]; i++) {
		ElfW(Sym) *symbol = &elf->symbols[i];
		uint32_t link = chain[i - head[1]];

		if (symbol > after && (link | 1) == (hash | 1) && symbol->st_shndx != SHN_UNDEF
		    && !strcmp(elf->strings + symbol->st_name, name))
			return symbol;
		if (link & 1)
			break;
	}
	return NULL;
}

/* The last chain tells where the table ends. */
size_t elf_symbol_count(const struct elf *elf)
{
	const uint32_t *buckets, *chain, *head = elf->hash;
	uint32_t last = 0;

	if (!head || !head[0])
		return 0;
	buckets = head + 4 + head[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
	chain = buckets + head[0];
	for (uint32_t i = 0; i < head[0]; i++)
		if (buckets[i] > last)
			last = buckets[i];
	if (last < head[1])
		return 0;
	while (!(chain[last - head[1]] & 1))
		last++;
	return last + 1;
}

void *elf_defines(const struct elf *elf, const char *name, size_t *size)
{
	const ElfW(Sym) *symbol = elf_symbol(elf, name, NULL);

	if (!symbol || ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC
	    || ELF64_ST_TYPE(symbol->st_info) == STT_TLS)
		return NULL;
	if (size)
		*size = symbol->st_size;
	return (void *)(elf->base + symbol->st_value);
}
