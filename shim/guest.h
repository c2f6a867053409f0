/* SPDX-License-Identifier: MIT */
/*
 * This process as a guest: its row in the ledger and the share it has taken.
 * All that must not outlive a fork stands on one page that the kernel wipes in the
 * child (MADV_WIPEONFORK, Linux 4.14): zero means nothing owned, nothing locked.
 * vfork keeps the page, as it keeps the process. atfork handlers alone would miss
 * _Fork and clone(2); comparing getpid() would take a vfork child for a new process.
 */
#ifndef RATION_GUEST_H
#define RATION_GUEST_H

#include "core/callers.h"
#include "core/ident.h"
#include "core/ledger.h"
#include "core/round.h"
#include "shim/shim.h"

/* A thread that makes calls whose begin and end are seen (flight.c). */
enum { GUEST_BERTHS = 64 };
enum {
	BERTH_FREE,
	BERTH_FLIES,
	BERTH_WAITS, /* for others of its kind */
	BERTH_ALONE, /* it has one thread, or seldom more */
};
/* Of which kind a call is; a product waits for those of other threads, if it has several. */
enum { OF_OTHERS, OF_TURNS, OF_VECTORS, OF_KINDS };
#define GUEST_HOW(of) (BERTH_FLIES + (int)(of)) /* until its number is decided */
struct berth {
	_Atomic uint32_t thread; /* its tid; 0: free */
	atomic_int flies;        /* it is in such a call, which is counted in the ledger: how */
	atomic_int share;        /* of the process, under which that call has begun */
};

struct home {
	_Atomic(struct row *) row;   /* NULL: not joined, in this process */
	_Atomic uint64_t self;       /* what we wrote as the owner of it */
	_Atomic uint64_t generation; /* of the ledger, at the last decision */
	_Atomic uint64_t alone_ms;   /* without a row until then, as the ledger has none for us */
	atomic_int share;            /* the last decision; 0: none yet */
	atomic_int part;             /* of it, for one of its callers, of GUEST_CALLS */
	atomic_int turn;             /* the same, where such calls wait for one another */
	atomic_int crowd;            /* the most calls in flight at once, of late */
	atomic_int crowding;         /* and since crowd_ms */
	_Atomic uint32_t crowd_ms;   /* since when that is counted */
	_Atomic uint32_t flew_ms;    /* when one was last in flight that waits for no other */
	_Atomic uint32_t reaped_ms;  /* when it was last seen to that those in flight live */
	atomic_uchar how[OF_KINDS];  /* BERTH_..., of a call in flight; once it has a row */
	atomic_bool mixed;           /* it uses its share in ways whose end is not seen, too */
	_Atomic uint32_t moving_ms;  /* since when a thread decides; others take the last answer */
	atomic_int leading;          /* a thread is in a round: its room is one a process */
	_Atomic uint64_t wishes[2];  /* of each enum guest_of: ms << 16 | wish */
	_Atomic uint32_t life;       /* guest_life */
	atomic_bool known;           /* forked says what it says */
	atomic_bool forked;          /* this process was forked from a guest */
	atomic_bool settled_in;      /* those started with us are in the ledger, or will not be */
	atomic_bool met;             /* its first gate has been passed */
	_Atomic uint64_t newest_ms;  /* when the last of its threads came to its first gate */
	_Atomic uint64_t burst_ms;   /* and when the first of those that came together did */
	/* Its threads at gates of each enum guest_of: */
	struct callers_seat callers[2][CALLERS_SEATS];
	struct berth berths[GUEST_BERTHS];
};

#define GUEST_HIDDEN __attribute__((visibility("hidden")))
extern struct home *guest_home GUEST_HIDDEN; /* NULL until the first join */
extern struct ledger *guest_ledger GUEST_HIDDEN;
extern _Atomic uint32_t guest_space; /* our pid namespace */

/* The most this program may ever use: constant for its life. At least 1. */
int guest_cores(void);

/* A forked child has become another user's: nothing of before is true of it. */
void guest_renew(void);

/* The job whose cores it shares: that of its `ration`, or its place (grant.h). 0: none. */
uint64_t guest_job(void);

/* The wish of the program is answered with this, at load. wish 0: it has none. */
static inline int guest_ceiling(int wish)
{
	int cores = guest_cores();

	return wish > 0 && wish < cores ? wish : cores;
}

/* Another number in each process that forks brought forth from one another; 0: no memory. */
uint32_t guest_life(void);

/* A runtime was found here: take a row, unless we have one. */
void guest_join(void);

/* Between guest.c, settle.c and share.c: */
struct home *guest_home_made(void); /* NULL: no memory */
bool guest_is_forked(struct home *home);
struct row *guest_row(struct home *home); /* a row for us, taken now; NULL: none is to be had */
bool guest_lead(struct home *home, uint64_t now_ms); /* a round, if one is due */
void guest_settle(struct home *home, struct row *row, bool first);
void guest_settle_threads(struct home *home);
struct row *guest_own_row(struct home *home); /* if we have one and nobody has taken it over */
void guest_pay_back(struct home *home, struct row *row, int share);
int guest_crowd(struct home *home, const struct row *row);
int guest_waiting(struct home *home);  /* other threads, in calls that wait for the one of this */
bool guest_mingles(struct home *home); /* calls wait for no other, now or of late: in LAPACK, say */
void guest_arrive(struct row *row, enum calls calls, uint64_t now_ms); /* from idle to busy */

/* Around fork: the parent's claim lapses until its next gate; the child joins. */
void guest_forked_parent(void);
void guest_forked_child(void);

/*
 * At a gate: the cores to use now, at least 1 and at most guest_cores(). A program can
 * wish for one thread in BLAS and for eight in its own regions: the greater counts, until
 * it has not been heard of for GUEST_WISH_MS; that of teams that cannot change, for good.
 */
enum guest_of { GUEST_CALLS, GUEST_TEAMS };
enum { GUEST_WISH_MS = 500 };
int guest_pass(enum guest_of of, int wish, bool for_good);

/*
 * A call of GUEST_CALLS whose end will be seen begins in this thread, with that frame: it is
 * counted until it lands, however it lowers its number of threads. fixed: it does not, once it
 * has passed its first gate. One that was jumped out of lands when the next begins. how: BERTH_...
 */
void guest_fly(uintptr_t frame, int how);
void guest_land(void);

/* Threads that divide the share of such a gate now. */
int guest_callers(enum guest_of of);

/* A call of GUEST_CALLS that has one thread, whatever its share is: the others have less. */
void guest_come(void);

/* This thread may begin teams, by a number that it was told without having passed a gate. */
void guest_come_with_teams(void);

/* For `rationctl why`: a runtime has read so many threads from this variable. */
void guest_named(enum named variable, int threads);

/* For `rationctl doctor`: a library that begins there is held so far. */
void guest_met(uintptr_t low, enum level level);

/* For whoever ran `ration -v`: runtimes found, threads asked for, given and started. */
void guest_note(int runtimes, int asked, int given, int started);

/* Of a thread; one variable, as each costs every exec. A fork leaves its child what it was. */
extern _Thread_local struct guest_thread {
	uint64_t until; /* when it has to decide again, on the clock of guest_ticks */
	uint32_t id;    /* its tid; 0: not asked yet */
	int seat[2];    /* among the callers of each enum guest_of */
	bool helps;     /* a worker of TBB: those that call are others */
	/* Of the outermost call that it is in, of those whose end is seen: */
	uintptr_t frame;     /* 0: it is in none */
	struct row *row;     /* where it is counted; NULL: nowhere */
	struct berth *berth; /* in home; NULL: all are taken. Stays from call to call */
	int credit;          /* functions within it that need not look at the clock */
	bool came;           /* it is the first of this thread */
	bool fixed;          /* its number of threads stands until it ends */
	bool inner;          /* a function within it has chosen its number, and has not ended */
} guest_thread GUEST_HIDDEN;

/*
 * A clock of one instruction. A decision holds for GUEST_TICKS of it at most: 4 ms at
 * 4 GHz, 16 ms at 1 GHz; it need not be exact, nor the same on all CPUs.
 */
#if defined __x86_64__
#define GUEST_TICKS (1u << 24)
static inline uint64_t guest_ticks(void)
{
	return __builtin_ia32_rdtsc();
}
#else
#define GUEST_TICKS 8 /* ms */
static inline uint64_t guest_ticks(void)
{
	return ident_coarse_ms();
}
#endif

/* Nothing has happened since the last decision, and it is young. */
static inline bool guest_quiet(void)
{
	struct home *home = guest_home;

	return likely(
		home
		&& atomic_load_explicit(&home->generation, memory_order_relaxed)
			   == atomic_load_explicit(&guest_ledger->generation, memory_order_relaxed)
		&& guest_ticks() <= guest_thread.until);
}

/* The same as guest_settled, for calls that wait for one another. */
static inline int guest_settled_turn(void)
{
	if (unlikely(!guest_quiet()))
		return 0;
	return atomic_load_explicit(&guest_home->turn, memory_order_relaxed);
}

/*
 * The cores for this call, if all is quiet; else 0, and guest_pass decides. This is all
 * that a call in a quiet time costs.
 */
static inline int guest_settled(void)
{
	if (unlikely(!guest_quiet()))
		return 0;
	return atomic_load_explicit(&guest_home->part, memory_order_relaxed);
}

#endif
