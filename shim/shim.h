/* SPDX-License-Identifier: MIT */
/*
 * Waking, visiting, sleeping. There is no constructor: the libraries a program
 * links run theirs before ours (glibc 2.36), and most processes that carry us never
 * ask anything. The first hook that needs to know wakes the shim.
 */
#ifndef RATION_SHIM_H
#define RATION_SHIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The one mark of a function that the guest reaches instead of its own. */
#define HOOK __attribute__((visibility("default")))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* The way out: nothing is ours in this program. The first thing that each hook asks. */
enum shim_state { SHIM_ASLEEP, SHIM_AWAKE, SHIM_OUT };
extern atomic_int shim_state __attribute__((visibility("hidden")));

static inline bool shim_is_out(void)
{
	return unlikely(atomic_load_explicit(&shim_state, memory_order_acquire) == SHIM_OUT);
}

/*
 * A hook visits the shim. welcome is false while this thread is already inside, or
 * the shim is asleep or out; the hook then gives the real answer. Leaving puts
 * errno back, at whichever return the hook takes.
 */
struct visit {
	bool welcome;
	bool came;
	int saved_errno;
	uintptr_t before;
};

#define VISIT(v) __attribute__((cleanup(shim_leave))) struct visit v = shim_enter()

struct visit shim_come(void);
void shim_go(struct visit *visit);

static inline struct visit shim_enter(void)
{
	struct visit none = { .welcome = false };

	return shim_is_out() ? none : shim_come();
}

static inline void shim_leave(struct visit *visit)
{
	if (visit->came)
		shim_go(visit);
}

/* The thread goes on, inside its visit if there is one, on another stack; and comes back. */
uintptr_t shim_move(void *top);
void shim_move_back(uintptr_t was);

/* What we were told, once for the life of the program: it survives fork. */
struct orders {
	uint64_t job;    /* ident of the `ration` that began it; 0: none */
	int cores;       /* of the job: what it may use at most; 0: whatever the machine grants */
	bool begun;      /* by a `ration`, which has read the configuration */
	bool off;        /* RATION_OFF=1, which holds unless the user is locked (ruling.h) */
	int record;      /* index in the ledger; -1: nobody counts */
	uint32_t ledger; /* its name; 0: the user's own */
	bool debug;
};

/* Valid in a visit that is welcome, and ever after. */
const struct orders *shim_orders(void);

/* Out from the next visit on, for good: this program is none of ours. */
void shim_retire(void);

/* And back: in a forked child that may have become another user's (ruling.h). */
void shim_return(void);

/* If it is out: whatever its children become, as it has a filter for system calls now. */
void shim_stay_out(void);

/* An environment variable, read past our own getenv hook. NULL: unset, or no environment yet. */
const char *shim_env(const char *name);

/* A whole positive number at the start of text; 0 if there is none. At most BUDGET_MAX. */
int shim_number(const char *text);

/* One line on stderr, in one write, if RATION_DEBUG=1. */
void shim_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
