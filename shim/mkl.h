/* SPDX-License-Identifier: MIT */
#ifndef RATION_MKL_H
#define RATION_MKL_H

/* MKL, or something that carries it, reads its variables: its copies are met. */
void mkl_meet(void);

#endif
