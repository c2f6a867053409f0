/* SPDX-License-Identifier: MIT */
#ifndef RATION_BLIS_H
#define RATION_BLIS_H

/* The object of this address reads BLIS_ variables: if its calls can be steered, it is met. */
void blis_meet(const void *caller);

#endif
