/* SPDX-License-Identifier: MIT */
/*
 * A signal that is sent to the whole process group reaches the command by itself; one that is sent
 * to us alone has to be passed on. From siginfo they cannot be told apart. So a child of ours that
 * holds every signal stands beside us in the group: what is pending for it was for all.
 */
#ifndef RATION_WITNESS_H
#define RATION_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

/* 0: there is none, and everything is taken to be for us alone. */
pid_t witness_post(void);

/* Whether a signal that we have got was for all; the witness is then replaced. */
bool witness_saw(pid_t *witness, int signal);

void witness_dismiss(pid_t witness);

#endif
