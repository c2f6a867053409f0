/* SPDX-License-Identifier: MIT */
/*
 * From a path to text that libconfuse can be trusted with. The law: whatever would
 * make its scanner exit, guess, or expand is refused here first.
 */
#ifndef RATION_CONF_TEXT_H
#define RATION_CONF_TEXT_H

#include "conf/conf.h"

/*
 * The content of the file as a string, to be freed, and its device and inode. NULL:
 * the problem is noted, or *missing says that there is no such file.
 */
char *conf_text_read(struct conf *conf, struct conf_file *file, uid_t owner, bool *missing);

/*
 * Check what libconfuse 3.3 does not: braces, strings and comments that do not end, bytes
 * that are no text, and characters it would skip or expand. Comments become spaces, as
 * it counts the line of a comment twice. 0 or -EINVAL.
 */
int conf_text_check(struct conf *conf, const char *path, char *text);

#endif
