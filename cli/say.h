/* SPDX-License-Identifier: MIT */
#ifndef RATION_SAY_H
#define RATION_SAY_H

#include <stdarg.h>
#include <stdio.h>

/* As env(1), nohup(1) and timeout(1): whether what went wrong was ours, or the command's. */
enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* "ration: text", made harmless, and a newline on stderr. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/*
 * Text of others, fit for a terminal: printable ASCII, where the locale is one of UTF-8 what it has
 * of letters and signs besides, and '?' for all else. Its sibling does the same with all that
 * printf would print, line ends too; and the last one is a line of the answer.
 */
void say_text(FILE *out, const char *text);
void say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
