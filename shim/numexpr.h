/* SPDX-License-Identifier: MIT */
#ifndef RATION_NUMEXPR_H
#define RATION_NUMEXPR_H

/* At a safe point: if numexpr is loaded, give its pool the size of the share. */
void numexpr_tell(void);

/* A thread begins with start; if numexpr begins it, its pool has just been made. */
void numexpr_meet(const void *start);

#endif
