/* SPDX-License-Identifier: MIT */
/*
 * Read through dl_iterate_phdr(3) alone: it takes only the lock that keeps the list
 * of objects still. Pages written to are private copies; a page that was read-only
 * is made so again.
 */
#define _GNU_SOURCE
#include "shim/elf.h"

#include "shim/real.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#if __ELF_NATIVE_CLASS == 64
#define R_SYM  ELF64_R_SYM
#define R_TYPE ELF64_R_TYPE
#else
#define R_SYM  ELF32_R_SYM
#define R_TYPE ELF32_R_TYPE
#endif

static bool is_import(ElfW(Xword) info)
{
#if defined __x86_64__
	return R_TYPE(info) == R_X86_64_JUMP_SLOT || R_TYPE(info) == R_X86_64_GLOB_DAT;
#elif defined __aarch64__
	return R_TYPE(info) == R_AARCH64_JUMP_SLOT || R_TYPE(info) == R_AARCH64_GLOB_DAT;
#else
	(void)info;
	return false; /* an unknown machine: we stay out */
#endif
}

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
static ElfW(Sym) *find(const struct elf *elf, const char *name)
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

		if ((link | 1) == (hash | 1) && !strcmp(elf->strings + symbol->st_name, name))
			return symbol->st_shndx != SHN_UNDEF ? symbol : NULL;
		if (link & 1)
			break;
	}
	return NULL;
}

void *elf_defines(const struct elf *elf, const char *name, size_t *size)
{
	const ElfW(Sym) *symbol = find(elf, name);

	if (!symbol || ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC
	    || ELF64_ST_TYPE(symbol->st_info) == STT_TLS)
		return NULL;
	if (size)
		*size = symbol->st_size;
	return (void *)(elf->base + symbol->st_value);
}

/* Call use for each slot of that name (or of any, if name is NULL); the sum of its answers. */
static int each_slot(const struct elf *elf, const char *name,
		     int (*use)(const struct elf *elf, void **slot, void *data), void *data)
{
	int sum = 0;

	for (size_t i = 0; i < elf->jump_count + elf->relocation_count; i++) {
		const ElfW(Rela) *entry = i < elf->jump_count
						  ? &elf->jumps[i]
						  : &elf->relocations[i - elf->jump_count];

		if (!is_import(entry->r_info))
			continue;
		if (name && strcmp(elf->strings + elf->symbols[R_SYM(entry->r_info)].st_name, name))
			continue;
		sum += use(elf, (void **)(elf->base + entry->r_offset), data);
	}
	return sum;
}

static int count_it(const struct elf *elf, void **slot, void *data)
{
	(void)elf;
	(void)slot;
	(void)data;
	return 1;
}

bool elf_imports(const struct elf *elf, const char *name)
{
	return each_slot(elf, name, count_it, NULL) > 0;
}

/* An unbound lazy slot points back into the object's own code. */
static int read_bound(const struct elf *elf, void **slot, void *data)
{
	void *bound = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

	if ((uintptr_t)bound >= elf->low && (uintptr_t)bound < elf->high)
		return 0;
	*(void **)data = bound;
	return 1;
}

void *elf_bound(const struct elf *elf, const char *name)
{
	void *bound = NULL;

	each_slot(elf, name, read_bound, &bound);
	return bound;
}

static bool unlock(const void *at, size_t size, int protection)
{
	uintptr_t page = REAL(getauxval)(AT_PAGESZ);
	uintptr_t from = (uintptr_t)at & ~(page - 1);

	return REAL(mprotect)((void *)from, (uintptr_t)at + size - from, protection) == 0;
}

static int write_slot(const struct elf *elf, void **slot, void *data)
{
	bool sealed = (uintptr_t)slot >= elf->relro_low && (uintptr_t)slot < elf->relro_high;

	if (sealed && !unlock(slot, sizeof *slot, PROT_READ | PROT_WRITE))
		return 0;
	__atomic_store_n(slot, data, __ATOMIC_RELEASE);
	if (sealed)
		unlock(slot, sizeof *slot, PROT_READ);
	return 1;
}

int elf_bind(const struct elf *elf, const char *name, void *fn)
{
	return each_slot(elf, name, write_slot, fn);
}

struct change {
	void *from, *to;
};

static int change_slot(const struct elf *elf, void **slot, void *data)
{
	const struct change *change = data;

	if (__atomic_load_n(slot, __ATOMIC_RELAXED) != change->from)
		return 0;
	return write_slot(elf, slot, change->to);
}

static bool change_object(const struct elf *elf, void *data)
{
	each_slot(elf, NULL, change_slot, data);
	return false;
}

void *elf_replace(const struct elf *elf, const char *name, void *fn)
{
	ElfW(Sym) *symbol = find(elf, name);
	int rest = PROT_READ | (elf->code_is_data ? PROT_EXEC : 0);
	struct change change = { elf_defines(elf, name, NULL), fn };

	if (!symbol || !change.from || change.from == fn
	    || !unlock(symbol, sizeof *symbol, rest | PROT_WRITE))
		return NULL;
	__atomic_store_n(&symbol->st_value, (uintptr_t)fn - elf->base, __ATOMIC_RELEASE);
	unlock(symbol, sizeof *symbol, rest);
	elf_each(change_object, &change);
	return change.from;
}
