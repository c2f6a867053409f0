/* SPDX-License-Identifier: MIT */
/*
 * Who uses an OpenMP runtime of this process: the objects that import its functions. The number
 * of threads may change while a Python program runs only where all users of that copy of the
 * runtime are known to ask for it anew in each of their operations, and to keep nothing by it
 * from one to the next; and only where none of them is in the middle of one.
 */
#ifndef RATION_OMP_USERS_H
#define RATION_OMP_USERS_H

#include <stdbool.h>

/* Look at what has been loaded since the last time; not from a child whose parent had threads. */
void omp_users_look(void);

/* Whether all users of this copy, as of the last look, are libraries that ask anew. */
bool omp_users_ask_anew(int index);

/*
 * At a safe point of Python, with its lock held: whether those libraries are of versions that
 * were tried. false: from now on the answer above is false as well.
 */
void omp_users_check_versions(void);

/*
 * Whether a function of a user, or of what is linked to one, is under way further down the stack
 * of this thread: what it has asked for must stay true. from: any address in the caller's frame.
 * In doubt, true.
 */
bool omp_users_below(const void *from);

#endif
