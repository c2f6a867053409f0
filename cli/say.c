/* SPDX-License-Identifier: MIT */
/*
 * Troubles go to stderr, a line each, under the name of the program; stdout is for answers. What
 * others wrote, be it a name, a path, a variable or a line of a file, goes to both through
 * say_text.
 */
#define _GNU_SOURCE
#include "cli/say.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && (!value || !*value); i++)
		value = getenv(names[i]);
	return value && (strcasestr(value, "utf-8") || strcasestr(value, "utf8"));
}

/* Bytes of the character that begins here, if it is well-formed UTF-8 of more than one; or 0. */
static int decode(const char *text, unsigned *character)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)*text;
	int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

	if (first < 0xc2 || first > 0xf4)
		return 0;
	*character = first & (0x7fu >> length);
	for (int i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | ((unsigned char)text[i] & 0x3f);
	}
	return *character >= least[length] ? length : 0;
}

/* No control character, none that turns the direction of a line around, none that is not seen. */
static bool is_plain(unsigned c)
{
	return c >= 0xa0 && c != 0xad && c != 0x61c && !(c >= 0x200b && c <= 0x200f)
	       && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f)
	       && !(c >= 0xd800 && c <= 0xf8ff) && !(c >= 0xfe00 && c <= 0xfe0f) && c != 0xfeff
	       && !(c >= 0xfff0 && c <= 0xffff) && c < 0xe0000;
}

/* In its place: it never gets longer. */
static void make_harmless(char *text)
{
	bool utf8 = is_utf8();

	while (*text) {
		unsigned character = 0;
		int length = utf8 ? decode(text, &character) : 0;

		if (length && is_plain(character)) {
			text += length;
			continue;
		}
		if (*text < ' ' || *text >= 0x7f)
			*text = '?';
		text++;
	}
}

void say_text(FILE *out, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return;
	make_harmless(copy);
	fputs(copy, out);
	free(copy);
}

static __attribute__((format(printf, 1, 0))) char *compose(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	make_harmless(text);
	return text;
}

static __attribute__((format(printf, 3, 0))) void put(FILE *out, const char *end,
						      const char *format, va_list args)
{
	char *text = compose(format, args);

	if (text)
		fprintf(out, "%s%s", text, end);
	free(text);
}

void say(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(out, "", format, args);
	va_end(args);
}

void say_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(stdout, "\n", format, args);
	va_end(args);
}

static __attribute__((format(printf, 1, 0))) void complain(const char *format, va_list args)
{
	char *text = compose(format, args), *name = strdup(program_invocation_short_name);

	if (name)
		make_harmless(name);
	fprintf(stderr, "%s: %s\n", name ? name : "ration", text ? text : "out of memory");
	free(name);
	free(text);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
}

void die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	exit(status);
}
