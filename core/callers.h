/* SPDX-License-Identifier: MIT */
/*
 * The threads of one process that call a library, each with a seat: they divide the
 * share of the process. A call may last for minutes, and its end is not seen; so a
 * thread that has been to a gate counts as long as it computes, by its CPU clock, and
 * for no longer than it may take it to come back. No lock: whoever finds another at the
 * same seat takes what is written there.
 */
#ifndef RATION_CALLERS_H
#define RATION_CALLERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	CALLERS_SEATS = 64,      /* threads; those beyond are not seen by the others */
	CALLERS_NEAR_MS = 64,    /* who has been to a gate so lately counts, whatever it does now */
	CALLERS_FAR_MS = 2000,   /* who computes counts for so long after it, */
	CALLERS_MOST_MS = 60000, /* and for twice as long as it took it last, of at most this */
};

/* All zero: free. */
struct callers_seat {
	_Atomic uint32_t thread;  /* its tid */
	_Atomic uint32_t came_ms; /* its last gate */
	_Atomic uint32_t seen_ms; /* when cpu_ns was read */
	_Atomic uint16_t away_ms; /* how long it stays away from gates, of late */
	atomic_bool computes;     /* it did, when cpu_ns was read last */
	_Atomic uint64_t cpu_ns;
};

/*
 * The thread is at a gate. seat is where it sat last, of no matter which process: any
 * number, at first. Returns where it sits; -1: nowhere, all seats are taken.
 */
int callers_come(struct callers_seat *callers, int seat, uint32_t thread, uint32_t now_ms);

/* The thread that sits there counts no more, if it is still that one. */
void callers_go(struct callers_seat *callers, int seat, uint32_t thread);

/* How many there are, at least 1; the one at seat is the thread that asks. */
int callers_count(struct callers_seat *callers, int seat, uint32_t now_ms);

/*
 * Whether one of them, other than thread, wants a CPU at this moment, and has had one since it was
 * last looked at: it may be in something whose end is not seen. Reads /proc, of such.
 */
bool callers_compute(struct callers_seat *callers, uint32_t thread);

#endif
