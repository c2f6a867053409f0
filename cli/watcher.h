/* SPDX-License-Identifier: MIT */
/*
 * The process that has the warden of a command, where `ration` itself becomes the command: beside
 * it, not above it, so that the command's pid, parent, signals and status are its own. It is
 * nobody's child that anyone waits for, holds no file open, hears no signal of the terminal, and
 * ends with the last process of the command. If it is killed, the command goes on.
 */
#ifndef RATION_WATCHER_H
#define RATION_WATCHER_H

#include "cli/warden.h"

/*
 * Begin to watch orders->command, whose environment will say `mark` (NAME=VALUE), by which those
 * are known that lose their parents. One that begins inside its fence is to go to orders->place,
 * which may be another than before. What goes wrong costs the fence, and nothing else.
 */
void watcher_start(struct warden_orders *orders, const char *mark);

#endif
