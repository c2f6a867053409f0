/* SPDX-License-Identifier: MIT */
/*
 * Shared memory that another user made. It is copied before anything is believed of it, by the
 * kernel: pages that are not to be had (of a segment of huge pages, when there are none) are an
 * error then, and no SIGBUS.
 */
#ifndef RATION_FOREIGN_H
#define RATION_FOREIGN_H

#include <stddef.h>

/* The first size bytes of the segment with this id. 0; -EFAULT: pages are not there; -errno. */
int foreign_copy(int id, void *to, size_t size);

/* The same of what is mapped in this process. */
int foreign_read(const void *from, void *to, size_t size);

#endif
