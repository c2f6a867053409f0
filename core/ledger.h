/* SPDX-License-Identifier: MIT */
/*
 * The shared table of one user: a row for each guest. SysV shared memory, because
 * its size is fixed (nobody can truncate it under us), it needs no descriptor, and
 * the kernel creates it zeroed at once: an all-zero ledger is a valid, empty one,
 * and there is no moment in which it is half made. No mutex: a row changes hands by
 * compare-and-swap of its owner. Any process of the user can write anything here:
 * whoever reads clamps.
 *
 * In the order of a row's life: open, claim, pass and share (by the guest), judge
 * (by the leader of a round, round.h), leave, reap.
 */
#ifndef RATION_LEDGER_H
#define RATION_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LEDGER_LAYOUT = 3, /* part of the key: another layout is another segment */
	LEDGER_ROWS = 1024,
	LEDGER_RECORDS = 31,
	LEDGER_MET = 8, /* libraries, in a row */
};

/*
 * A share and the calls in flight that use it are one word. Each call adds itself at its begin
 * and takes itself away at its end; a share falls only by compare-and-swap, and only while no
 * more calls are in flight than the one that lowers it: what runs stays counted.
 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
enum { LEDGER_SHARE_AT = 16, LEDGER_FLIGHTS_AT = 0 };
#else
enum { LEDGER_SHARE_AT = 0, LEDGER_FLIGHTS_AT = 16 };
#endif
#define LEDGER_FLIGHT (1u << LEDGER_FLIGHTS_AT)

static inline int ledger_share_in(uint32_t claim)
{
	return (int)(claim >> LEDGER_SHARE_AT & 0xffff);
}

static inline int ledger_flights_in(uint32_t claim)
{
	return (int)(claim >> LEDGER_FLIGHTS_AT & 0xffff);
}

/* Whether a guest passed a gate since it last fell idle; presumed: it has only just come. */
enum calls { CALLS_NOT, CALLS_PRESUMED, CALLS };

struct row {
	_Atomic uint64_t owner;      /* ident of the guest; 0: free */
	_Atomic uint64_t job;        /* ident of the `ration` that began it; 0: none */
	_Atomic uint64_t cpu_ns;     /* CPU clock when last looked at */
	_Atomic uint64_t seen_ms;    /* CLOCK_MONOTONIC of that look */
	_Atomic uint32_t space;      /* pid namespace (inode) */
	_Atomic uint32_t parent;     /* pid */
	_Atomic uint32_t arrived_ms; /* when it joined, or was last found at a gate after idling */
	_Atomic uint32_t quiet_ms;   /* since it last called or computed, as of seen_ms */
	_Atomic uint16_t wish;       /* the most threads the program asked for */
	_Atomic uint16_t target;     /* what the last round gave it */
	union {
		_Atomic uint32_t claim; /* both at once: ledger_lower */
		struct {
			_Atomic uint16_t share;   /* what it has taken: threads it may be running */
			_Atomic uint16_t flights; /* calls that have begun and not ended */
		};
	};
	_Atomic uint16_t load_pct;
	_Atomic uint16_t gate_ms; /* CLOCK_MONOTONIC when it last decided, its lower bits */
	_Atomic uint8_t busy;
	_Atomic uint8_t calls;  /* enum calls */
	_Atomic uint8_t passed; /* it passed a gate since it was last looked at */
	_Atomic uint8_t lands;  /* whatever uses its share is among its flights */
	/* Seldom written: */
	_Atomic uint16_t job_cores;
	_Atomic uint16_t named_as; /* and read for people */
	_Atomic uint8_t named;     /* enum named */
	uint8_t reserve;
	_Atomic uint16_t runtimes;        /* bits: enum runtime */
	_Atomic uint32_t met[LEDGER_MET]; /* of libraries: ledger_met */
	uint8_t reserve_too[24];
};

/* How far a BLAS library is held. Its words are those of ledger_level_text, everywhere. */
enum level { LEVEL_NONE, LEVEL_LOAD, LEVEL_CALLS, LEVEL_INSIDE };
const char *ledger_level_text(enum level level);

/* A library that was met, by the page where it begins; and its level. 0: none. */
static inline uint32_t ledger_met(uintptr_t low, enum level level)
{
	return (uint32_t)(low >> 12) << 2 | (uint32_t)level;
}

/* The variable that a runtime read the wish from: the first of these that is set. */
enum named { NAMED_NONE, NAMED_OPENBLAS, NAMED_GOTO, NAMED_OMP };

/* What one `ration -v` wants to tell at its end. */
struct record {
	_Atomic uint64_t job;
	_Atomic uint32_t asked;    /* the most threads one of them asked for */
	_Atomic uint32_t given;    /* the most threads one of them was given */
	_Atomic uint32_t started;  /* threads started, all runtimes and the program's own */
	_Atomic uint32_t runtimes; /* bits: enum runtime */
	uint8_t reserve[40];
};

enum runtime {
	RUNTIME_OPENBLAS = 1,
	RUNTIME_OPENBLAS_OPENMP = 2,
	RUNTIME_LIBGOMP = 4,
	RUNTIME_LLVM = 8,
	RUNTIME_MKL = 16,
	RUNTIME_BLIS = 32,
	RUNTIME_TBB = 64,
	RUNTIME_AT_LOAD = 128, /* a BLAS library that could not be held further */
	RUNTIMES = 8           /* how many they are */
};

struct ledger {
	_Atomic uint32_t budget;        /* cores of the user; 0: nobody said yet */
	_Atomic uint32_t overflow;      /* guests turned away because all rows lived */
	_Atomic uint64_t next_round_ms; /* CLOCK_MONOTONIC: when the next round is due */
	_Atomic uint64_t round_ms;      /* when the last one began that was led to its end */
	_Atomic uint64_t generation;    /* counts up whenever a share may have to change */
	_Atomic uint32_t next_doubt;    /* the row whose owner is next looked up in /proc */
	_Atomic uint32_t hastened;      /* somebody cannot wait for it */
	_Atomic uint32_t rounds;        /* that were begun */
	uint8_t reserve[4];
	_Atomic uint32_t own;  /* cores that the user's own file says; 0: none */
	_Atomic uint32_t told; /* generation of the table (rules.h) that budget follows */
	uint8_t reserve_too[72];
	struct row rows[LEDGER_ROWS];
	struct record records[LEDGER_RECORDS];
};

/*
 * The ledger of this user; with create, made if there is none. name is 0, or any
 * other number for a ledger of its own (tests). NULL: there is none to be had
 * (no SysV shared memory, its limits reached, its keys taken by another user).
 */
struct ledger *ledger_open(uint32_t name, bool create);

/* Its id, for those who copy it as somebody else's (cli/foreign.h). -1: there is none. */
int ledger_find(uint32_t name);

/* The same as ledger_open without create, by segment_peek. */
struct ledger *ledger_peek(uint32_t name);

/*
 * A row for this process: the one it had before exec, or a free one, or that of
 * someone dead. NULL when 1024 guests live.
 */
struct row *ledger_claim(struct ledger *ledger, uint64_t self, uint32_t space);

/*
 * The same, for a process that a fork has just made, and that can have had none. It looks at
 * few rows: each page of shared memory that it touches first costs it a fault (2.5 us on a
 * virtual machine; attached SysV segments are not faulted in around, Linux 6.1).
 */
struct row *ledger_claim_new(struct ledger *ledger, uint64_t self, uint32_t space);

/* Whether the owner's pid is one of this namespace; 0: it is just claiming its row. */
static inline bool ledger_is_of(struct row *row, uint32_t space)
{
	uint32_t of = atomic_load_explicit(&row->space, memory_order_relaxed);

	return of == space || of == 0;
}

void ledger_leave(struct row *row, uint64_t self);

/* Free the rows of the dead of one pid namespace; answers how many. */
int ledger_reap(struct ledger *ledger, uint32_t space);

/* A record for a job; its index, or -1. A record whose job is gone is taken over. */
int ledger_record(struct ledger *ledger, uint64_t job);

/* The budget of the user, whatever stands there: 1 to BUDGET_MAX. */
int ledger_budget(struct ledger *ledger);

/*
 * Lower what it has taken to share, unless more than so many calls are in flight that may use
 * it. Answers what it has taken then.
 */
int ledger_lower(struct row *row, int share, int flights);

/* A call is over, or its thread is. Answers what was claimed until then. */
static inline uint32_t ledger_land(struct row *row)
{
	uint32_t claim = atomic_load_explicit(&row->claim, memory_order_relaxed);

	while (ledger_flights_in(claim) > 0
	       && !atomic_compare_exchange_weak(&row->claim, &claim, claim - LEDGER_FLIGHT))
		;
	return claim;
}

/* The sum of what busy guests other than mine have taken, at least 1 each: all, and of one job. */
struct ledger_taken {
	int all;
	int guests; /* how many they are */
	int job;
	int job_cores; /* what the job may use together, by what its busy guests and mine say */
};
struct ledger_taken ledger_taken(struct ledger *ledger, const struct row *mine, uint64_t job);

#endif
