/* SPDX-License-Identifier: MIT */
/*
 * Whose a process is. Who owns /proc/PID is not enough: of a program that a user began and that is
 * setuid to us, that is us.
 */
#ifndef RATION_OWNER_H
#define RATION_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* OWNER_HIDDEN: it cannot be told (hidepid), or the process has ended. */
enum owner { OWNER_HIDDEN, OWNER_SAME, OWNER_OTHER };

/* Whether all its four uids are this one: real, effective, saved, of the file system. */
enum owner owner_is(pid_t pid, uid_t uid);

/* The same of what /proc/PID/status says. */
enum owner owner_parse(const char *status, uid_t uid);

#endif
