/* SPDX-License-Identifier: MIT */
/*
 * Ourselves in front of what a BLAS library publishes, whatever it is called and takes: a call is
 * seen to begin and to end. It is made by us, as an ordinary call that returns to us, with a copy
 * of what its caller has put on the stack: nothing is written over a return address.
 */
#ifndef RATION_CALL_H
#define RATION_CALL_H

#include <stdbool.h>

/* What is known of a function by its name. A number below 8 is the copy (blas.h) that it is of. */
enum call_kind {
	CALL_COPY = 7,
	CALL_DECIDES = 8, /* it chooses its number of threads itself, once */
	CALL_WIDE = 16,   /* it may take more words from the stack than BLAS does: LAPACK */
	CALL_TURNS = 32,  /* with several threads it waits for those of other threads that do */
	CALL_VECTOR = 64, /* LAPACK calls it by the hundred thousand, for too little to have any */
};

/* Functions of all copies; those beyond are not met. */
enum { CALL_STUBS = 12288 };

/* What to put in front of real. NULL: none is left, or this machine is not known. */
void *call_stub(void *real, enum call_kind kind);

/* What stands behind fn, if fn is one of ours; else fn. */
void *call_behind(void *fn);

#endif
