/* SPDX-License-Identifier: MIT */
/*
 * Programs save their mask and put it back: libraries that measure the machine, launchers, MPI.
 * What we have told them of it is less than they had, and to be bound to that for good was
 * nobody's choice: so we keep what it stands for.
 */
#ifndef RATION_TOLD_H
#define RATION_TOLD_H

#include <sched.h>
#include <stdbool.h>

/* Of this mask the program will be told cores CPUs, beginning with that of number from. */
void told_note(const cpu_set_t *mask, size_t size, int from, int cores);

/*
 * If this is the very mask that was told last, and that is for a task of this process (0: the
 * calling thread): what it stands for, in *set and *size.
 */
void told_restore(int tid, const cpu_set_t **set, size_t *size);

#endif
