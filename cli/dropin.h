/* SPDX-License-Identifier: MIT */
/*
 * A drop-in file of ours for a unit of systemd. Ours is a regular file that begins with our
 * line; whatever else stands under its name is another's, and is never touched. Nothing is
 * followed out of a root that is not ours, and no link in it at all: that needs openat2(2) (Linux
 * 5.6), and is refused without.
 */
#ifndef RATION_DROPIN_H
#define RATION_DROPIN_H

#define DROPIN_LINE "# Written by rationctl slices; rationctl slices --remove takes it away.\n"
#define DROPIN_DIR  "/etc/systemd/system"
#define DROPIN_FILE "50-ration.conf"

enum dropin { DROPIN_NONE, DROPIN_OURS, DROPIN_OTHERS };

/* What stands at ROOT/etc/systemd/system/UNIT.d/50-ration.conf, and in path where that is. */
enum dropin dropin_at(const char *root, const char *unit, char *path, int size);

/*
 * Write it, with its directories: whole or not at all, whenever we are interrupted. 1: done;
 * 0: it says so already; -errno.
 */
int dropin_write(const char *root, const char *unit, const char *text);

/* ROOT/etc/systemd/system, opened; or -errno. */
int dropin_folder(const char *root);

/* Take it away, and its directory if nothing else is there. 0 or -errno. */
int dropin_remove(const char *root, const char *unit);

#endif
