/* SPDX-License-Identifier: MIT */
/*
 * Processes of a command that have lost their parent, found where they go: among the children of
 * the watcher's own parent. Others' go there too, and any number of them: each is asked about once,
 * a bounded number at a time, and looking takes 0.4 percent of a CPU, or is done every eight
 * seconds: of 10 000 others' the kernel's list alone takes 10 ms. Those that have been seen in the
 * tree before they were orphans are kept there without it.
 */
#ifndef RATION_ORPHANS_H
#define RATION_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Those that are new among the children of parent, are ours by all their uids, and were begun with
 * mark in their environment, are given to adopt. now: though it is not due yet.
 */
void orphans_look(pid_t parent, const char *mark, bool now, void (*adopt)(void *arg, pid_t pid),
		  void *arg);

#endif
