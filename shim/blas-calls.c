/* SPDX-License-Identifier: MIT */
/*
 * Gates at what a BLAS library publishes. Its symbol table in memory is rewritten, by which every
 * later look-up goes, of dlsym(3) and ctypes too; and so are the slots that were bound before. Of
 * its own slots those of functions that choose their number of threads, if nothing else tells what
 * happens inside a long call: so LAPACK, which is made of them, follows its share. On vectors it
 * goes by the number of the last of the others.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "shim/call.h"
#include "shim/real.h"

#include <link.h>
#include <sys/mman.h>

enum { PLACES = 32768, FACES = 8, UNBOUND = 128 };

/* By address, what stands in front of it. */
struct swap {
	uintptr_t real, stub;
	int kind;
};

struct faced {
	const struct elf *elf;
	struct copy *copy;
	struct swap *places;
};

/* Libraries that bring interfaces of a copy, and how many objects there were when we looked. */
static _Atomic uintptr_t faces[FACES];
static _Atomic unsigned long long objects;

static size_t place_of(const struct swap *places, uintptr_t real)
{
	size_t at = (real >> 4) * 2654435761u % PLACES;

	while (places[at].real && places[at].real != real)
		at = (at + 1) % PLACES;
	return at;
}

static bool change_symbol(ElfW(Sym) *symbol, const struct faced *faced, int index)
{
	uintptr_t real = faced->elf->base + symbol->st_value;
	int kind = blas_call_kind(faced->elf->strings + symbol->st_name, &faced->copy->style);
	size_t at;

	if (!kind || symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC)
		return false;
	at = place_of(faced->places, real);
	if (!faced->places[at].real) {
		void *stub = call_stub((void *)real, (enum call_kind)(kind | index));

		if (!stub)
			return false;
		faced->places[at] = (struct swap){ real, (uintptr_t)stub, kind };
	}
	__atomic_store_n(&symbol->st_value, faced->places[at].stub - faced->elf->base,
			 __ATOMIC_RELEASE);
	return true;
}

static int change_slot(const struct elf *elf, void **slot, void *data)
{
	const struct faced *faced = data;
	uintptr_t bound = (uintptr_t)__atomic_load_n(slot, __ATOMIC_RELAXED);
	const struct swap *swap;

	if (bound < faced->elf->low || bound >= faced->elf->high)
		return 0;
	swap = &faced->places[place_of(faced->places, bound)];
	if (!swap->real)
		return 0;
	if (elf->base == faced->elf->base
	    && ((swap->kind & (CALL_DECIDES | CALL_VECTOR)) != CALL_DECIDES
		|| faced->copy->cpu_number))
		return 0;
	return elf_write(elf, slot, (void *)swap->stub);
}

static bool change_object(const struct elf *elf, void *data)
{
	elf_slots(elf, change_slot, data);
	return false;
}

/* Slots of its own, of functions on vectors, that are bound when they are first called. */
struct unbound {
	const struct elf *elf;
	int count;
	struct {
		const char *name; /* NULL: another object has it too, and may be asked first */
		void **slot, *real;
	} slots[UNBOUND];
};

static bool leave_shared(const struct elf *elf, void *data)
{
	struct unbound *unbound = data;

	for (int i = 0; i < unbound->count && elf->base != unbound->elf->base; i++)
		if (unbound->slots[i].name && elf_defines(elf, unbound->slots[i].name, NULL))
			unbound->slots[i].name = NULL;
	return false;
}

/* They would be led to us by the table. */
static void bind_vectors(const struct faced *faced)
{
	const struct elf *elf = faced->elf;
	struct unbound unbound = { .elf = elf };

	for (size_t i = 0; i < elf->jump_count && unbound.count < UNBOUND; i++) {
		const ElfW(Sym) *symbol = &elf->symbols[ELF64_R_SYM(elf->jumps[i].r_info)];
		void **slot = (void **)(elf->base + elf->jumps[i].r_offset),
		     *real = call_behind((void *)(elf->base + symbol->st_value));
		uintptr_t bound = (uintptr_t)__atomic_load_n(slot, __ATOMIC_RELAXED);

		if (symbol->st_shndx == SHN_UNDEF || bound < elf->low || bound >= elf->high
		    || !(faced->places[place_of(faced->places, (uintptr_t)real)].kind
			 & CALL_VECTOR))
			continue;
		unbound.slots[unbound.count].name = elf->strings + symbol->st_name;
		unbound.slots[unbound.count].slot = slot;
		unbound.slots[unbound.count++].real = real;
	}
	if (unbound.count)
		elf_each(leave_shared, &unbound);
	for (int i = 0; i < unbound.count; i++)
		if (unbound.slots[i].name)
			elf_write(elf, unbound.slots[i].slot, unbound.slots[i].real);
}

/* Answers how many names lead to us now. */
static int open_face(const struct elf *elf, struct copy *copy, int index)
{
	size_t count = elf_symbol_count(elf), size = PLACES * sizeof(struct swap);
	struct faced faced = { .elf = elf, .copy = copy };
	int changed = 0;

	faced.places =
		REAL(mmap)(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (faced.places == MAP_FAILED)
		return 0;
	if (elf_unlock(elf, true)) {
		for (size_t i = 0; i < count; i++)
			changed += change_symbol(&elf->symbols[i], &faced, index);
		elf_unlock(elf, false);
	}
	if (changed) {
		bind_vectors(&faced);
		elf_each(change_object, &faced);
	}
	REAL(munmap)(faced.places, size);
	return changed;
}

static bool is_face(const struct elf *elf)
{
	return elf_imports(elf, "blas_memory_alloc") || elf_imports(elf, "exec_blas");
}

static bool is_new(const struct elf *elf)
{
	for (int i = 0; i < FACES; i++) {
		uintptr_t none = 0;

		if (atomic_load(&faces[i]) == elf->low)
			return false;
		if (atomic_compare_exchange_strong(&faces[i], &none, elf->low))
			return true;
	}
	return false;
}

struct found {
	struct elf elf;
	int copy; /* of it; -1: nothing was found */
};

/* The copy that it calls into; the last one that is split in this way, if it is not bound yet. */
static int copy_beneath(const struct elf *face)
{
	uintptr_t bound = (uintptr_t)call_behind(elf_bound(face, "blas_memory_alloc"));
	int copy = -1;

	for (int i = 0; i < atomic_load(&blas_count); i++) {
		const struct elf *elf = &blas_copies[i].elf;

		if (bound >= elf->low && bound < elf->high)
			return i;
		if (is_face(elf))
			copy = i;
	}
	return copy;
}

static bool find_face(const struct elf *elf, void *data)
{
	struct found *found = data;

	for (int i = 0; i < atomic_load(&blas_count); i++)
		if (elf->base == blas_copies[i].elf.base)
			return false;
	if (!is_face(elf) || copy_beneath(elf) < 0 || !is_new(elf))
		return false;
	found->elf = *elf;
	found->copy = copy_beneath(elf);
	return true;
}

static int count_objects(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(unsigned long long *)data = info->dlpi_adds;
	return 1;
}

static void follow(void)
{
	unsigned long long now = 0;
	struct found found;

	REAL(dl_iterate_phdr)(count_objects, &now);
	if (atomic_exchange(&objects, now) == now)
		return;
	do {
		found.copy = -1;
		elf_each(find_face, &found);
		if (found.copy >= 0
		    && open_face(&found.elf, &blas_copies[found.copy], found.copy) > 0)
			guest_met(found.elf.low, LEVEL_INSIDE);
	} while (found.copy >= 0);
}

void blas_calls_follow(void)
{
	static atomic_int following;

	if (atomic_exchange(&following, 1))
		return;
	follow();
	atomic_store(&following, 0);
}

int blas_calls_open(struct copy *copy, int index)
{
	return copy->style_known ? open_face(&copy->elf, copy, index) : 0;
}
