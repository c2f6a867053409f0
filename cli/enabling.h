/* SPDX-License-Identifier: MIT */
/* What enable and disable have in common: the files that make programs load the library. */
#ifndef RATION_ENABLING_H
#define RATION_ENABLING_H

#include "cli/place.h"
#include "cli/table.h"

#define PRELOAD_FILE "/etc/ld.so.preload"
#define LOGIN_FILE   "/etc/profile.d/ration.sh"

/* The site's table, and what it is made of. */
extern const struct table_orders enabling_site;

/* For root, one at a time, uninterrupted; in the root that was named, as if there were no other. */
void enabling_begin(void);

/* As place.h has them; what goes wrong ends us, and then nothing has been changed. */
void enabling_read(struct place_file *file, const char *path);
void enabling_put(struct place_file *file, const char *text);

#endif
