/* SPDX-License-Identifier: MIT */
/*
 * Start `ration --resolve` in a guest that does not notice: no signal when it ends, nothing
 * for the guest's own wait(2), no descriptor, handler or variable of the guest in it.
 */
#ifndef RATION_LAUNCH_H
#define RATION_LAUNCH_H

/*
 * Wait for it that long at most; later it ends by itself. 0 if it has done its work by then,
 * -EINPROGRESS if not, or else why it could not.
 */
int launch_resolver(int wait_ms);

#endif
