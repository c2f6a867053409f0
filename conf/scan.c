/* SPDX-License-Identifier: MIT */
/*
 * A walk over the text by the lexical rules of libconfuse 3.3 (lexer.l), for what it
 * accepts and should not. An unclosed string or comment would also stay with its scanner
 * and swallow the next file; after this walk there is none.
 */
#define _GNU_SOURCE
#include "conf/text.h"

#include <errno.h>
#include <string.h>

struct scan {
	struct conf *conf;
	const char *path;
	char *at;
	int line;
	int opened; /* the line of the brace we are in; 0: in none */
	int sections;
};

/* What ends a word that stands in no quotes, beside the end of the text. */
static const char word_ends[] = " #\"'\t\n={}()+,*";

static int complain(const struct scan *scan, const char *text)
{
	return conf_complain(scan->conf, scan->path, scan->line, "%s", text);
}

/* A comment becomes spaces; its line ends stay. */
static int blank_comment(struct scan *scan)
{
	bool long_one = scan->at[0] == '/' && scan->at[1] == '*';
	char *end = long_one ? strstr(scan->at + 2, "*/") : strchrnul(scan->at, '\n');

	if (!end)
		return complain(scan, "a comment that does not end; close it with */");
	if (long_one)
		end += 2;
	for (; scan->at < end; scan->at++) {
		if (*scan->at == '\n')
			scan->line++;
		else
			*scan->at = ' ';
	}
	return 0;
}

static bool begins_comment(const char *at)
{
	return *at == '#' || (*at == '/' && (at[1] == '/' || at[1] == '*'));
}

static int skip_blank(struct scan *scan)
{
	for (;;) {
		if (*scan->at == '\n')
			scan->line++;
		if (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n')
			scan->at++;
		else if (!begins_comment(scan->at))
			return 0;
		else if (blank_comment(scan) != 0)
			return -EINVAL;
	}
}

/* Both kinds of string; in double quotes libconfuse knows escapes and variables. */
static int skip_string(struct scan *scan)
{
	char quote = *scan->at++;

	for (; *scan->at != quote; scan->at++) {
		if (!*scan->at || *scan->at == '\n')
			return complain(scan, quote == '"' ? "a string that does not end; close it "
							     "with \" on the same line"
							   : "a string that does not end; close it "
							     "with ' on the same line");
		/* libconfuse takes a|b and a=b for a path to an option. */
		if (*scan->at == '|' || *scan->at == '=')
			return complain(scan, "a string with '|' or '='; no name may have them");
		if (quote == '"' && scan->at[0] == '$' && scan->at[1] == '{')
			return complain(scan, "'${' in double quotes; no variable is expanded "
					      "here: write the value itself");
		if (*scan->at != '\\')
			continue;
		if (scan->at[1] != '\\' && scan->at[1] != quote)
			return complain(scan, "a single \\ in a string; write \\\\ for one");
		scan->at++;
	}
	scan->at++;
	return 0;
}

static int skip_word(struct scan *scan)
{
	size_t length = strcspn(scan->at, word_ends);

	if (length == 1 && *scan->at == '%')
		return complain(scan, "a '%' by itself; write it behind the number, as 25%");
	if (memchr(scan->at, '|', length))
		return complain(scan, "'|' means nothing here; remove it");
	if (memchr(scan->at, ';', length))
		return complain(scan, "';' means nothing here; remove it, a line end is enough");
	scan->at += length;
	if (scan->at[-1] == '$' && *scan->at == '{')
		return complain(scan, "'${'; no variable is expanded here: write the value itself");
	return 0;
}

static int take_brace(struct scan *scan)
{
	if (*scan->at++ == '}') {
		if (!scan->opened)
			return complain(scan, "a '}' that closes nothing; remove it");
		scan->opened = 0;
		return 0;
	}
	if (scan->opened)
		return conf_complain(scan->conf, scan->path, scan->line,
				     "a '{' inside the section that line %d opened; close that one "
				     "with '}' first",
				     scan->opened);
	if (++scan->sections > CONF_SECTIONS)
		return conf_complain(scan->conf, scan->path, scan->line,
				     "more than %d sections; put users into groups", CONF_SECTIONS);
	scan->opened = scan->line;
	return 0;
}

/* ("FILE"): libconfuse would take any number of them, and leak them on a syntax error. */
static int take_argument(struct scan *scan)
{
	static const char wanted[] = "include takes one file; write include(\"FILE\")";
	int error;

	scan->at++;
	if (skip_blank(scan) != 0)
		return -EINVAL;
	if (*scan->at == '"' || *scan->at == '\'')
		error = skip_string(scan);
	else if (strcspn(scan->at, word_ends) > 0)
		error = skip_word(scan);
	else
		return complain(scan, wanted);
	if (error || skip_blank(scan) != 0)
		return -EINVAL;
	return *scan->at++ == ')' ? 0 : complain(scan, wanted);
}

static int take_token(struct scan *scan)
{
	switch (*scan->at) {
	case '"':
	case '\'':
		return skip_string(scan);
	case '{':
	case '}':
		return take_brace(scan);
	case '(':
		return take_argument(scan);
	case '=':
	case ')':
	case ',':
		scan->at++;
		return 0;
	case '+':
		return complain(scan, "'+' means nothing here; write KEY = VALUE");
	case '*':
		return complain(scan, "'*' means nothing here; default { } is for all users");
	default:
		return skip_word(scan);
	}
}

/* A byte order mark and the \r of \r\n are forgiven; other control characters are not. */
static int check_bytes(struct scan *scan)
{
	char *text = scan->at;

	if (!strncmp(text, "\xef\xbb\xbf", 3))
		memset(text, ' ', 3);
	for (; *text; text++) {
		if (*text == '\n')
			scan->line++;
		else if (*text == '\r' && text[1] == '\n')
			*text = ' ';
		else if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return conf_complain(scan->conf, scan->path, scan->line,
					     "a control character (0x%02x); save it as plain text",
					     (unsigned char)*text);
	}
	scan->line = 1;
	return 0;
}

int conf_text_check(struct conf *conf, const char *path, char *text)
{
	struct scan scan = { .conf = conf, .path = path, .at = text, .line = 1 };

	if (check_bytes(&scan) != 0 || skip_blank(&scan) != 0)
		return -EINVAL;
	while (*scan.at)
		if (take_token(&scan) != 0 || skip_blank(&scan) != 0)
			return -EINVAL;
	if (!scan.opened)
		return 0;
	return conf_complain(conf, path, scan.opened,
			     "a '{' that is never closed; write '}' after the section");
}
