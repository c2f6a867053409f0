/* SPDX-License-Identifier: MIT */
#ifndef RATION_SAY_H
#define RATION_SAY_H

/* As env(1), nohup(1) and timeout(1): whether what went wrong was ours, or the command's. */
enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* "ration: text" and a newline on stderr. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

#endif
