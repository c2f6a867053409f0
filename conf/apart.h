/* SPDX-License-Identifier: MIT */
/*
 * What may hang, die, or open something else than was meant, is done in a child: as the user whom
 * it belongs to, and for a limited time. The child has no descriptor of ours but the one way back,
 * so that it keeps nobody waiting even where the kernel cannot end it (a file system of the user's
 * that does not answer).
 */
#ifndef RATION_CONF_APART_H
#define RATION_CONF_APART_H

#include <stddef.h>
#include <sys/types.h>

enum { APART_MS = 2000 };

/*
 * work(arg, room) in a child that is uid, with that user's groups; room is size bytes, zero at
 * first, that the child shares with us: to be read afterwards as something that the child wrote.
 * What work answers; -ETIMEDOUT; -ECHILD: it died.
 */
int apart_run(uid_t uid, int (*work)(const void *arg, void *room), const void *arg, void *room);

/* Such a room, and its end. NULL: no memory. */
void *apart_room(size_t size);
void apart_free(void *room, size_t size);

#endif
