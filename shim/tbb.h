/* SPDX-License-Identifier: MIT */
#ifndef RATION_TBB_H
#define RATION_TBB_H

/* The object of this address asks for its CPUs: if it is TBB, it is met. */
void tbb_meet(const void *caller);

#endif
