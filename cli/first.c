/* SPDX-License-Identifier: MIT */
/*
 * What a program needs is in its file (DT_NEEDED); nothing is run. gcc links libasan.so.8, clang
 * with -shared-libasan libclang_rt.asan-x86_64.so; clang's usual way, inside the program, does not
 * mind (clang 14). A file that is not understood is none.
 */
#define _GNU_SOURCE
#include "cli/first.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
	const char *at;
	size_t size;
};

static const void *within(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->size && size <= image->size - offset ? image->at + offset : NULL;
}

static const Elf64_Phdr *part_of(const struct image *image, int index)
{
	const Elf64_Ehdr *header = within(image, 0, sizeof *header);

	if (!header || index >= header->e_phnum || header->e_phentsize != sizeof(Elf64_Phdr)
	    || header->e_phoff % _Alignof(Elf64_Phdr))
		return NULL;
	return within(image, header->e_phoff + (uint64_t)index * sizeof(Elf64_Phdr),
		      sizeof(Elf64_Phdr));
}

/* The text that lies where the program will have this address; NULL: none that ends. */
static const char *text_at(const struct image *image, uint64_t address)
{
	const Elf64_Phdr *part;

	for (int i = 0; (part = part_of(image, i)); i++) {
		uint64_t into = address - part->p_vaddr, offset = part->p_offset + into;

		if (part->p_type != PT_LOAD || into >= part->p_filesz || offset >= image->size)
			continue;
		return memchr(image->at + offset, '\0', image->size - offset) ? image->at + offset
									      : NULL;
	}
	return NULL;
}

static bool is_sanitizer(const char *library)
{
	return library
	       && (!strncmp(library, "libasan.so", 10) || !strncmp(library, "libhwasan.so", 12)
		   || strstr(library, "libclang_rt.asan") || strstr(library, "libclang_rt.hwasan"));
}

static bool needs_one(const struct image *image, const Elf64_Phdr *part)
{
	const Elf64_Dyn *entry = within(image, part->p_offset, part->p_filesz);
	size_t count = part->p_filesz / sizeof *entry;
	uint64_t strings = 0;

	if (!entry || part->p_offset % _Alignof(Elf64_Dyn))
		return false;
	for (size_t i = 0; i < count; i++)
		if (entry[i].d_tag == DT_STRTAB)
			strings = entry[i].d_un.d_ptr;
	for (size_t i = 0; i < count && entry[i].d_tag != DT_NULL; i++)
		if (entry[i].d_tag == DT_NEEDED
		    && is_sanitizer(text_at(image, strings + entry[i].d_un.d_val)))
			return true;
	return false;
}

static bool is_such(const struct image *image)
{
	const Elf64_Phdr *part;

	if (!within(image, 0, sizeof(Elf64_Ehdr)) || memcmp(image->at, ELFMAG, SELFMAG)
	    || image->at[EI_CLASS] != ELFCLASS64)
		return false;
	for (int i = 0; (part = part_of(image, i)); i++)
		if (part->p_type == PT_DYNAMIC && needs_one(image, part))
			return true;
	return false;
}

/* "#!/usr/bin/python3 -B": the program that will run it. False: it is no script. */
static bool read_interpreter(const struct image *image, char *path, size_t size)
{
	size_t length, from = 2;

	if (image->size < 3 || memcmp(image->at, "#!", 2))
		return false;
	while (from < image->size && strchr(" \t", image->at[from]))
		from++;
	for (length = 0; from + length < image->size && length < size - 1; length++)
		if (strchr(" \t\n", image->at[from + length]))
			break;
	memcpy(path, image->at + from, length);
	path[length] = '\0';
	return true;
}

static bool look(const char *path, bool script)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct image image = { .at = MAP_FAILED };
	char interpreter[PATH_MAX];
	struct stat file;
	bool such = false;

	if (fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0) {
		image.size = (size_t)file.st_size;
		image.at = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (image.at == MAP_FAILED)
		return false;
	if (script && read_interpreter(&image, interpreter, sizeof interpreter))
		such = look(interpreter, false);
	else
		such = is_such(&image);
	munmap((void *)image.at, image.size);
	return such;
}

bool first_is_taken(const char *command)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	if (strchr(command, '/'))
		return look(command, true);
	for (at = at ? at : "/bin:/usr/bin"; at; at = *at ? at + 1 : NULL) {
		size_t length = strcspn(at, ":");

		snprintf(path, sizeof path, "%.*s%s%s", (int)length, at, length ? "/" : "./",
			 command);
		if (access(path, X_OK) == 0)
			return look(path, true);
		at += length;
		if (!*at)
			break;
	}
	return false;
}
