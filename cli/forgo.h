/* SPDX-License-Identifier: MIT */
/*
 * What a command of ours needs no more, it gives up before it reads what others made: whoever led
 * it astray by that would have won little. Where the kernel does not know of it, it goes on with
 * what it has.
 */
#ifndef RATION_FORGO_H
#define RATION_FORGO_H

#include <stdint.h>

/* All rights of root's but these, a bit each (capabilities(7)), for good. Who has none has none. */
void forgo_rights(uint64_t kept);

/* To start programs or processes, write to files, signal, trace, mount, or talk to anybody. */
void forgo_calls(void);

#endif
