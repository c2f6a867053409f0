/* SPDX-License-Identifier: MIT */
#ifndef RATION_NUMEXPR_H
#define RATION_NUMEXPR_H

/* At a safe point: if numexpr is loaded, give its pool the size of the share. */
void numexpr_tell(void);

/* A forked child: its pool is made anew, when it evaluates first, and is to have one thread. */
void numexpr_forked_child(void);

/* A thread begins with start; if numexpr begins it, its pool has just been made. */
void numexpr_meet(const void *start);

#endif
