/* SPDX-License-Identifier: MIT */
/*
 * The table of symbols that only the file of an object has (.symtab; strip(1) takes it away). It is
 * read, not mapped: a file may be cut short by anybody, and a guest is not to die of it. What is
 * found there is a guess, until something else has shown it to be true.
 */
#define _GNU_SOURCE
#include "shim/elf.h"

#include "core/kernel.h"
#include "shim/real.h"

#include <string.h>
#include <sys/mman.h>

enum { TABLE_MOST = 64 << 20 }; /* NumPy 2.5.5: 480 kB and as much of names */

struct file {
	int fd;
	ElfW(Ehdr) head;
};

static bool read_all(const struct file *file, void *to, size_t size, size_t from)
{
	for (size_t done = 0; done < size;) {
		long got = kernel_call(SYS_pread64, file->fd, (long)((char *)to + done),
				       (long)(size - done), (long)(from + done), 0, 0);

		if (got < 1)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* NULL: it is not there. Given back by drop. */
static void *take(const struct file *file, size_t size, size_t from)
{
	void *at;

	if (!size || size > TABLE_MOST)
		return NULL;
	at = REAL(mmap)(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	if (read_all(file, at, size, from))
		return at;
	REAL(munmap)(at, size);
	return NULL;
}

static void drop(void *at, size_t size)
{
	if (at)
		REAL(munmap)(at, size);
}

static void note(const struct elf *elf, const ElfW(Sym) *symbol, const char *name,
		 struct elf_filed *wanted, int count)
{
	for (int i = 0; i < count; i++) {
		uintptr_t at = elf->base + symbol->st_value;

		if (strcmp(wanted[i].name, name) != 0)
			continue;
		/* Two files of it can each have one: then it is neither. */
		wanted[i].at = wanted[i].at && wanted[i].at != at ? UINTPTR_MAX : at;
		wanted[i].size = symbol->st_size;
		wanted[i].type = ELF64_ST_TYPE(symbol->st_info);
	}
}

static bool search(const struct elf *elf, const struct file *file, const ElfW(Shdr) *table,
		   const ElfW(Shdr) *strings, struct elf_filed *wanted, int count)
{
	ElfW(Sym) *symbols = take(file, table->sh_size, table->sh_offset);
	char *names = take(file, strings->sh_size, strings->sh_offset);
	bool read = symbols && names && !names[strings->sh_size - 1];

	for (size_t i = 0; read && i < table->sh_size / sizeof *symbols; i++)
		if (symbols[i].st_shndx != SHN_UNDEF && symbols[i].st_name < strings->sh_size)
			note(elf, &symbols[i], names + symbols[i].st_name, wanted, count);
	drop(symbols, table->sh_size);
	drop(names, strings->sh_size);
	return read;
}

/* Its own header, as it was mapped, is the file's: else another file has that name by now. */
static bool is_of(const struct elf *elf, struct file *file)
{
	const ElfW(Ehdr) *mapped = (const ElfW(Ehdr) *)elf->low;

	return elf->low == elf->base && read_all(file, &file->head, sizeof file->head, 0)
	       && !memcmp(&file->head, mapped, sizeof file->head)
	       && file->head.e_shentsize == sizeof(ElfW(Shdr));
}

bool elf_file(const struct elf *elf, struct elf_filed *wanted, int count)
{
	struct file file = { .fd = kernel_open(elf->name, O_RDONLY | O_CLOEXEC | O_NOCTTY) };
	ElfW(Shdr) *sections = NULL;
	size_t size = 0;
	bool found = false;

	if (file.fd < 0)
		return false;
	if (is_of(elf, &file)) {
		size = file.head.e_shnum * sizeof *sections;
		sections = take(&file, size, file.head.e_shoff);
	}
	for (int i = 0; sections && i < file.head.e_shnum && !found; i++)
		if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < file.head.e_shnum)
			found = search(elf, &file, &sections[i], &sections[sections[i].sh_link],
				       wanted, count);
	drop(sections, size);
	kernel_close(file.fd);
	return found;
}
