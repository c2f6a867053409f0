/* SPDX-License-Identifier: MIT */
#ifndef RATION_FORK_H
#define RATION_FORK_H

/* Be told of forks from now on: called when the first runtime is met. */
void fork_watch(void);

#endif
