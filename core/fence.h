/* SPDX-License-Identifier: MIT */
/*
 * The fences of one user, where all can read them: which CPUs each of the user's commands
 * has been confined to, so that other users' are put elsewhere, and what a program inside
 * asks of its own affinity is answered as by a cpuset. SysV shared memory like the ledger,
 * but readable by everyone; all zero is a valid, empty one. A row belongs to the process
 * that watches the command. It is advice: whoever reads it clamps, and a torn mask is
 * put right by the next look.
 */
#ifndef RATION_FENCE_H
#define RATION_FENCE_H

#include "core/mask.h"

#include <stdatomic.h>
#include <stddef.h>

/* A watcher of another pid namespace that said nothing for so long, in milliseconds, is gone. */
enum { FENCE_SILENT_MS = 60000 };

enum { FENCE_LAYOUT = 2, FENCE_ROWS = 64, FENCE_PINS = 32 };

enum { FENCE_WATCHED, FENCE_RAISED };

struct fence_row {
	_Atomic uint64_t owner;     /* ident of the process that watches; 0: free */
	_Atomic uint64_t job;       /* as in the ledger */
	_Atomic uint32_t space;     /* pid namespace of both */
	_Atomic uint32_t root;      /* pid of the command */
	_Atomic uint32_t used;      /* CPU used lately, thousandths of a CPU */
	_Atomic uint32_t raised_ms; /* when it was last raised; low half of CLOCK_MONOTONIC */
	_Atomic uint16_t cores;
	_Atomic uint8_t state;
	_Atomic uint8_t why;    /* enum fence_why */
	_Atomic uint32_t times; /* that it was raised */
	/* Tasks that asked for more than the fence, but not for all they had without it. */
	_Atomic uint32_t pins[FENCE_PINS];
	_Atomic uint32_t next_pin;
	_Atomic uint32_t beat_ms; /* when the watcher last looked; as raised_ms */
	uint8_t reserve[80];
	struct mask base; /* what the command might use without a fence */
	struct mask mask; /* while it is raised */
};

/* What it was raised for. */
enum fence_why { FENCE_NOT, FENCE_USED, FENCE_WANTED, FENCE_USER, FENCE_ORDERED };

struct fences {
	_Atomic uint64_t user_set; /* ident of who chose user_mask; 0: nobody */
	uint8_t reserve[56];
	struct mask user_mask; /* of all the user's commands together, if the user's budget is less
				  than the machine */
	struct fence_row rows[FENCE_ROWS];
};

/* name: as of the ledger. NULL: there is none to be had. */
struct fences *fence_open(uint32_t name, bool create);

/* Its id, as that of the ledger. -1: there is none. */
int fence_find(uint32_t name);

/* Whether a segment of this key (0: none) and size can be some user's fences, opened by id. */
bool fence_is_key(int key, size_t size);

/* A row for a process that watches; NULL: all are taken by the living. */
struct fence_row *fence_claim(struct fences *fences, uint64_t self, uint32_t space);
void fence_leave(struct fence_row *row, uint64_t self);

/* The watcher lives: to be said at each look, for those who cannot see its pid. */
void fence_beat(struct fence_row *row);

/* Whether somebody watches: by its pid, or in another pid namespace by its beat. */
bool fence_is_watched(struct fence_row *row);

/*
 * The CPUs that a task of this job is confined to: those of all raised fences of the job
 * that have at least so many cores, an outer `ration` and an inner one, and that have the
 * task inside: all that it may use now. NULL: of all. false: none is raised.
 */
bool fence_of(struct fences *fences, uint64_t job, int cores, const struct mask *now,
	      struct mask *mask);

/* Whether it is raised and is watched: who was killed leaves a fence behind. */
bool fence_holds(struct fence_row *row);

#endif
