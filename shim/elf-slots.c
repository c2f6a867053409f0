/* SPDX-License-Identifier: MIT */
/*
 * The slots through which an object calls others, and how to put ourselves into them.
 * Pages written to are private copies; a page that was read-only is made so again.
 */
#define _GNU_SOURCE
#include "shim/elf.h"

#include "shim/real.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE_TURNS = 1 << 16 };

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

/* A pointer in data: it holds what a slot does, and nobody binds it anew. */
static bool is_pointer(const ElfW(Rela) *entry)
{
#if defined __x86_64__
	return R_TYPE(entry->r_info) == R_X86_64_64 && !entry->r_addend
	       && entry->r_offset % sizeof(void *) == 0;
#elif defined __aarch64__
	return R_TYPE(entry->r_info) == R_AARCH64_ABS64 && !entry->r_addend
	       && entry->r_offset % sizeof(void *) == 0;
#else
	(void)entry;
	return false;
#endif
}

bool elf_is_data(const struct elf *elf, ElfW(Addr) at, size_t size)
{
	for (int i = 0; i < elf->part_count; i++) {
		const ElfW(Phdr) *part = &elf->parts[i];

		if (part->p_type == PT_LOAD && part->p_flags & PF_W && part->p_memsz >= size
		    && at - part->p_vaddr <= part->p_memsz - size)
			return true;
	}
	return false;
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

/*
 * One at a time: of two that make the same page writable, the first to have done makes it
 * read-only under the other's hands. Held by a process, so that a fork leaves its child none;
 * and no longer than so many turns, as its owner may wait for us (a signal handler of its own).
 */
static atomic_int writer;

static void begin_writing(void)
{
	int self = getpid(), was = 0;

	for (int turn = 0; turn < WRITE_TURNS; turn++, was = 0) {
		if (atomic_compare_exchange_strong(&writer, &was, self)
		    || (was != self && atomic_compare_exchange_strong(&writer, &was, self)))
			return;
		syscall(SYS_sched_yield);
	}
}

static void end_writing(void)
{
	atomic_store(&writer, 0);
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
	int slots;

	begin_writing();
	slots = each_slot(elf, name, write_slot, fn);
	end_writing();
	return slots;
}

int elf_slots(const struct elf *elf, int (*use)(const struct elf *elf, void **slot, void *data),
	      void *data)
{
	int sum = each_slot(elf, NULL, use, data);

	for (size_t i = 0; i < elf->relocation_count; i++) {
		const ElfW(Rela) *entry = &elf->relocations[i];

		/* Not where the code itself was relocated (DT_TEXTREL). */
		if (is_pointer(entry) && elf_is_data(elf, entry->r_offset, sizeof(void *)))
			sum += use(elf, (void **)(elf->base + entry->r_offset), data);
	}
	return sum;
}

int elf_write(const struct elf *elf, void **slot, void *fn)
{
	return write_slot(elf, slot, fn);
}

bool elf_unlock(const struct elf *elf, bool writable)
{
	int rest = PROT_READ | (elf->code_is_data ? PROT_EXEC : 0);

	return unlock(elf->symbols, elf_symbol_count(elf) * sizeof *elf->symbols,
		      writable ? rest | PROT_WRITE : rest);
}

struct change {
	const struct elf *elf;
	struct elf_swap *swaps;
	int count;
};

static int change_slot(const struct elf *elf, void **slot, void *data)
{
	const struct change *change = data;
	void *bound = __atomic_load_n(slot, __ATOMIC_RELAXED);

	if ((uintptr_t)bound < change->elf->low || (uintptr_t)bound >= change->elf->high)
		return 0;
	for (int i = 0; i < change->count; i++)
		if (change->swaps[i].from == bound)
			return write_slot(elf, slot, change->swaps[i].to);
	return 0;
}

static bool change_object(const struct elf *elf, void *data)
{
	each_slot(elf, NULL, change_slot, data);
	return false;
}

/* Under one name there can be several versions: those that are the same code are one. */
static bool change_symbols(const struct elf *elf, const struct elf_swap *swap)
{
	int rest = PROT_READ | (elf->code_is_data ? PROT_EXEC : 0);
	ElfW(Sym) *symbol = NULL;
	bool changed = false;

	while ((symbol = elf_symbol(elf, swap->name, symbol))) {
		if ((void *)(elf->base + symbol->st_value) != swap->from
		    || !unlock(symbol, sizeof *symbol, rest | PROT_WRITE))
			continue;
		__atomic_store_n(&symbol->st_value, (uintptr_t)swap->to - elf->base,
				 __ATOMIC_RELEASE);
		unlock(symbol, sizeof *symbol, rest);
		changed = true;
	}
	return changed;
}

void elf_replace_all(const struct elf *elf, struct elf_swap *swaps, int count)
{
	struct change change = { elf, swaps, count };

	begin_writing();
	for (int i = 0; i < count; i++)
		if (swaps[i].from && !change_symbols(elf, &swaps[i]))
			swaps[i].from = NULL;
	elf_each(change_object, &change);
	end_writing();
}

void *elf_replace(const struct elf *elf, const char *name, void *fn)
{
	struct elf_swap swap = { name, elf_defines(elf, name, NULL), fn };

	if (!swap.from || swap.from == fn)
		return NULL;
	elf_replace_all(elf, &swap, 1);
	return swap.from;
}
