/* SPDX-License-Identifier: MIT */
/*
 * Who a process is: its pid and the time it said so, in one 64-bit word, so that
 * a claim on a row, a take-over and a reap are each one compare-and-swap.
 */
#ifndef RATION_IDENT_H
#define RATION_IDENT_H

#include "core/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDENT_PID_BITS = 22 }; /* pid_max is at most 2^22 (Linux 6.1, proc(5)) */

uint64_t ident_self(void); /* this process, now: never 0 */
int ident_pid(uint64_t ident);

/* CLOCK_MONOTONIC in milliseconds; the coarse one is a few ms old and a few ns cheap. */
uint64_t ident_now_ms(void);
static inline uint64_t ident_coarse_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC_COARSE, &clock_apart_ms);
}

uint64_t ident_boot_ms(void); /* CLOCK_BOOTTIME, by which processes began */

/* The pid namespace of this process: pids mean nothing in another. 0 if unknown. */
uint32_t ident_namespace(void);

/* Nanoseconds of CPU a process of any user has used. 0, or -errno: EINVAL when it is gone. */
int ident_cpu_ns(int pid, uint64_t *ns);

/* The same of a thread of this process. */
int ident_thread_ns(int tid, uint64_t *ns);

/* Whether the process that gave itself this name still runs: reads /proc, microseconds. */
bool ident_alive(uint64_t ident);

/* The state of a thread, or of the first one of a process, as proc(5) has it; 0: there is none. */
char ident_state(int pid);

/* Whether it is running, or reading from a disk. */
bool ident_is_busy(int pid);

/* Whether a process began less than age_ms ago; busy: and is running, or reading from a disk. */
bool ident_is_young(int pid, int age_ms, bool busy);

/* "/proc/PID/task/PID/children" into text, of at least 64 bytes; answers where it begins. */
const char *ident_children_path(char *text, size_t size, int pid);

#endif
