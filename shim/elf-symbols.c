/* SPDX-License-Identifier: MIT */
/* What an object defines, by its own tables: memory is read, and nothing else done. */
#define _GNU_SOURCE
#include "shim/elf.h"

#include <string.h>

/* Without order: it is for the kernel's few. */
static ElfW(Sym) *old_symbol(const struct elf *elf, const char *name, ElfW(Sym) *after)
{
	for (uint32_t i = 1; i < elf->old_hash[1]; i++) {
		ElfW(Sym) *symbol = &elf->symbols[i];

		if (symbol > after && symbol->st_shndx != SHN_UNDEF
		    && !strcmp(elf->strings + symbol->st_name, name))
			return symbol;
	}
	return NULL;
}

/* The GNU hash table: bloom filter, buckets, chains whose last link has bit 0 set. */
ElfW(Sym) *elf_symbol(const struct elf *elf, const char *name, ElfW(Sym) *after)
{
	const uint32_t *buckets, *chain, *head = elf->hash;
	uint32_t hash = 5381;

	if (!head || !head[0])
		return elf->old_hash ? old_symbol(elf, name, after) : NULL;
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

static bool is_named(const struct elf *elf, unsigned index, const char *version)
{
	const ElfW(Verdef) *entry = elf->defined;

	while (entry) {
		const ElfW(Verdaux) *name = (const void *)((const char *)entry + entry->vd_aux);

		if (entry->vd_ndx == index)
			return !strcmp(elf->strings + name->vda_name, version);
		if (!entry->vd_next)
			return false;
		entry = (const void *)((const char *)entry + entry->vd_next);
	}
	return false;
}

bool elf_is_version(const struct elf *elf, const ElfW(Sym) *symbol, const char *version)
{
	unsigned index = elf->versions ? elf->versions[symbol - elf->symbols] : VER_NDX_GLOBAL;

	if (!version)
		return !(index & 0x8000); /* hidden: not the default */
	index &= 0x7fff;
	return index <= VER_NDX_GLOBAL || is_named(elf, index, version);
}

void *elf_address(const struct elf *elf, const ElfW(Sym) *symbol)
{
	void *at = (void *)(elf->base + symbol->st_value);
	void *(*choose)(void);

	switch (ELF64_ST_TYPE(symbol->st_info)) {
	case STT_GNU_IFUNC:
#if defined __x86_64__ /* elsewhere it is told of the machine */
		*(void **)&choose = at;
		return choose();
#else
		(void)choose;
		return NULL;
#endif
	case STT_TLS:
		return NULL;
	}
	return at;
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
