/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/preload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char separators[] = " \t\n:";

/* The next library's name from at on; NULL: no more. */
static const char *next_name(const char *at, size_t *length)
{
	for (;;) {
		at += strspn(at, separators);
		if (!*at)
			return NULL;
		if (*at != '#')
			break;
		at += strcspn(at, "\n");
	}
	*length = strcspn(at, " \t\n:#");
	return at;
}

bool preload_names(const char *text, const char *path)
{
	size_t length = 0;

	for (const char *at = text; (at = next_name(at, &length)); at += length)
		if (length == strlen(path) && !memcmp(at, path, length))
			return true;
	return false;
}

/* A line of its own, ended as the last one was. */
char *preload_add(const char *text, const char *path)
{
	size_t length = strlen(text);
	bool open = length > 0 && text[length - 1] != '\n';
	char *added;

	if (asprintf(&added, open ? "%s\n%s" : "%s%s\n", text, path) < 0)
		return NULL;
	return added;
}

static bool is_ours(const char *name, size_t length)
{
	size_t tail = strlen(PRELOAD_LIBRARY);

	return length > tail && name[length - tail - 1] == '/'
	       && !memcmp(name + length - tail, PRELOAD_LIBRARY, tail);
}

/* Cut out a name: with its line if it has one to itself, or else with one separator. */
static void cut(char *text, char *name, size_t length)
{
	char *from = name, *to = name + length;
	bool first = from == text || from[-1] == '\n';

	if (first && *to == '\n')
		to++;
	else if (first && !*to && from > text)
		from--;
	else if (!first && strchr(" \t:", from[-1]))
		from--;
	else if (*to && strchr(" \t:", *to))
		to++;
	memmove(from, to, strlen(to) + 1);
}

char *preload_remove(const char *text)
{
	char *left = strdup(text);
	const char *at = left;
	size_t length = 0;

	while (left && (at = next_name(at, &length))) {
		if (is_ours(at, length)) {
			cut(left, left + (at - left), length);
			at = left;
		} else {
			at += length;
		}
	}
	return left;
}
