/* SPDX-License-Identifier: MIT */
/* What bare.c is for system calls: texts and memory, hidden as those. They are short, here. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* They are functions here, where glibc 2.43 has macros, which keep const (C23). */
#undef memchr
#undef strchr
#undef strrchr
#undef strstr

/*
 * The compiler would make calls of them again: loops that it does not see through. Nor does one of
 * them call another, since it knows what they do: of memmove() between restricted pointers it makes
 * memcpy(), in memcpy() too, which then never ends (gcc 16).
 */
#define OPAQUE(value) __asm__ volatile("" : "+r"(value))

void *memset(void *at, int byte, size_t size)
{
	unsigned char *to = at;

	for (; size >= 8 && !((uintptr_t)to & 7); to += 8, size -= 8) {
		*(uint64_t __attribute__((may_alias)) *)to = (unsigned char)byte * ~0ull / 255;
		OPAQUE(to);
	}
	for (; size > 0; size--) {
		*to++ = (unsigned char)byte;
		OPAQUE(to);
	}
	return at;
}

static void *move(void *to, const void *from, size_t size)
{
	unsigned char *into = to;
	const unsigned char *out = from;

	if ((uintptr_t)into - (uintptr_t)out >= size) {
		for (; size > 0; size--) {
			*into++ = *out++;
			OPAQUE(into);
		}
	} else {
		while (size > 0) {
			into[size - 1] = out[size - 1];
			size--;
			OPAQUE(into);
		}
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	return move(to, from, size);
}

/* What the compiler makes of a copied struct. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return move(to, from, size);
}

static int compare(const void *one, const void *other, size_t size)
{
	const unsigned char *a = one, *b = other;

	for (; size > 0 && *a == *b; size--, a++, b++)
		OPAQUE(a);
	return size ? *a - *b : 0;
}

int memcmp(const void *one, const void *other, size_t size)
{
	return compare(one, other, size);
}

/* What clang makes of a memcmp whose order nobody wants (14). */
int bcmp(const void *one, const void *other, size_t size)
{
	return compare(one, other, size);
}

void *memchr(const void *at, int byte, size_t size)
{
	const unsigned char *c = at;

	for (; size > 0; size--, c++) {
		if (*c == (unsigned char)byte)
			return (void *)c;
		OPAQUE(c);
	}
	return NULL;
}

void *memmem(const void *at, size_t size, const void *part, size_t length)
{
	const char *from = at, *end = from + size;

	if (!length)
		return (void *)at;
	for (; (from = memchr(from, *(const char *)part, (size_t)(end - from))); from++)
		if ((size_t)(end - from) >= length && !memcmp(from, part, length))
			return (void *)from;
	return NULL;
}

size_t strlen(const char *text)
{
	const char *end = text;

	while (*end) {
		end++;
		OPAQUE(end);
	}
	return (size_t)(end - text);
}

static int compare_texts(const char *one, const char *other, size_t most)
{
	for (; most > 0; most--, one++, other++)
		if (*one != *other || !*one)
			return (unsigned char)*one - (unsigned char)*other;
	return 0;
}

int strncmp(const char *one, const char *other, size_t most)
{
	return compare_texts(one, other, most);
}

int strcmp(const char *one, const char *other)
{
	return compare_texts(one, other, SIZE_MAX);
}

char *strchr(const char *text, int c)
{
	for (; *text != (char)c; text++)
		if (!*text)
			return NULL;
	return (char *)text;
}

char *strrchr(const char *text, int c)
{
	const char *found = NULL;

	for (; *text; text++)
		if (*text == (char)c)
			found = text;
	return c ? (char *)found : (char *)text;
}

char *strstr(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; *text; text++)
		if (!strncmp(text, part, length))
			return (char *)text;
	return length ? NULL : (char *)text;
}

/* Of base 10 alone, and cut off at its ends without a word. */
long strtol(const char *text, char **rest, int base)
{
	const char *at = text;
	long number = 0;
	bool negative;

	(void)base;
	while (*at == ' ' || (*at >= '\t' && *at <= '\r'))
		at++;
	negative = *at == '-';
	if (*at == '-' || *at == '+')
		at++;
	for (; *at >= '0' && *at <= '9'; text = ++at)
		if (__builtin_mul_overflow(number, 10, &number)
		    || __builtin_add_overflow(number, *at - '0', &number))
			number = LONG_MAX;
	if (rest)
		*rest = (char *)text;
	return negative ? -number : number;
}
