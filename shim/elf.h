/* SPDX-License-Identifier: MIT */
/*
 * The libraries a guest has loaded: what they define, what they import, and how to
 * put ourselves in between for one of them, where a global hook would reach too far
 * (or, for symbols a library binds to itself, not at all). No call here takes the
 * loader's big lock, so a constructor or a worker thread may use them; elf_each, and what
 * calls it, takes that of its list, which a fork can leave held: for runtimes only.
 */
#ifndef RATION_ELF_H
#define RATION_ELF_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf {
	const char *name; /* as the loader knows it; "" is the program itself */
	uintptr_t base;
	const ElfW(Dyn) *dynamic;
	const ElfW(Phdr) *parts;
	int part_count;
	uintptr_t low, high;             /* all it maps: low <= address < high */
	uintptr_t relro_low, relro_high; /* read-only since it was relocated */
	bool code_is_data;               /* symbols lie in an executable segment */
	ElfW(Sym) *symbols;
	const char *strings;
	const ElfW(Rela) *jumps, *relocations;
	size_t jump_count, relocation_count;
	const uint32_t *hash, *old_hash; /* DT_GNU_HASH, DT_HASH; one can be missing */
	const ElfW(Half) *versions;      /* of each symbol; NULL: they have none */
	const ElfW(Verdef) *defined;     /* those that it defines itself */
};

/* What stands in a dynamic section: the rest of elf, but for base, is left as it is. */
void elf_read(struct elf *elf, const ElfW(Dyn) *dynamic);

/*
 * The object that an address lies in. false: none (JIT code, a stack). Without a lock where
 * the loader has a table for it (glibc 2.35), or the object was there from the start.
 */
bool elf_at(const void *address, struct elf *elf);

/* Call visit for every loaded object until it answers true. Do not load or unload in it. */
void elf_each(bool (*visit)(const struct elf *elf, void *data), void *data);

/* The next symbol after that one (NULL: from the start) that it defines by that name. */
ElfW(Sym) *elf_symbol(const struct elf *elf, const char *name, ElfW(Sym) *after);

/* Whether that symbol is of a version; NULL: of the one that is bound to where none is named. */
bool elf_is_version(const struct elf *elf, const ElfW(Sym) *symbol, const char *version);

/* Where it is; an indirect one (STT_GNU_IFUNC) is asked. NULL: no place. */
void *elf_address(const struct elf *elf, const ElfW(Sym) *symbol);

/* How many symbols its table has. 0: nobody knows. */
size_t elf_symbol_count(const struct elf *elf);

/* Make its table of symbols one that may be written to, or as it was. */
bool elf_unlock(const struct elf *elf, bool writable);

/* Whether the object may write to so many bytes at this place, counted from its base. */
bool elf_is_data(const struct elf *elf, ElfW(Addr) at, size_t size);

/* Call use for each slot through which it calls others, or pointer at them; adds its answers up. */
int elf_slots(const struct elf *elf, int (*use)(const struct elf *elf, void **slot, void *data),
	      void *data);

/* Write to one of them; answers 1, or 0 if it cannot be. */
int elf_write(const struct elf *elf, void **slot, void *fn);

/* What the object itself defines by that name, with its size if wanted; NULL if nothing. */
void *elf_defines(const struct elf *elf, const char *name, size_t *size);

/* Whether it imports that name. */
bool elf_imports(const struct elf *elf, const char *name);

/* What its import of that name is bound to by now; NULL if unbound (lazy) or absent. */
void *elf_bound(const struct elf *elf, const char *name);

/* Bind its import of that name to fn; answers how many slots. */
int elf_bind(const struct elf *elf, const char *name, void *fn);

/*
 * Have fn stand for what elf defines as name: in every slot already bound to it, and
 * for every later look-up, dlsym(3) included, by rewriting our private copy of its
 * symbol table. Calls that the library binds within itself are not reached.
 * Answers the definition; NULL if there is none, or it cannot be done.
 */
void *elf_replace(const struct elf *elf, const char *name, void *fn);

/* The same for many names at once. from is what elf_defines says; NULL: left out, or undone. */
struct elf_swap {
	const char *name;
	void *from, *to;
};
void elf_replace_all(const struct elf *elf, struct elf_swap *swaps, int count);

/* What the table says that is in its file alone, if it is there; at 0: not of that name. */
struct elf_filed {
	const char *name;
	uintptr_t at;
	size_t size;
	int type;
};
bool elf_file(const struct elf *elf, struct elf_filed *wanted, int count);

#endif
