/* SPDX-License-Identifier: MIT */
/*
 * Each function has a stub of four words (call-amd64.c, call-arm64.c); all go on at call_enter,
 * which asks call_begin what to do with it. Where all is quiet that is answered without a vector
 * register (this file is compiled for general registers alone), so that none has to be saved.
 */
#define _GNU_SOURCE
#include "shim/call.h"

#include "shim/blas.h"
#include "shim/guest.h"
#include "shim/shim.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__ || defined __aarch64__

enum { STUB_SIZE = 16 };
/* A call within another lies no further from it; and where call_enter keeps its frame's address. */
enum { CALL_DEPTH = 256 * 1024 };
/* Functions within a call that are passed on without a look at the clock. */
enum { CREDIT = 64 };
#if defined __x86_64__
enum { MARK_AT = -144 };
#else
enum { MARK_AT = 224 };
#endif
extern char call_stubs[CALL_STUBS][STUB_SIZE] __attribute__((visibility("hidden")));

/* Named by their code, as are the places of what it looks at. */
void *call_reals[CALL_STUBS] GUEST_HIDDEN;
uint8_t call_kinds[CALL_STUBS] GUEST_HIDDEN;
_Static_assert(offsetof(struct guest_thread, frame) == 24, "their code reads them");
_Static_assert(offsetof(struct guest_thread, credit) == 48, "");
_Static_assert(offsetof(struct guest_thread, fixed) == 53, "");
_Static_assert(offsetof(struct home, generation) == 16, "");
_Static_assert(offsetof(struct home, turn) == 40, "");
_Static_assert(offsetof(struct ledger, generation) == 24, "");

static atomic_uint used;

_Static_assert(CALL_STUBS == 12288, "their code counts them too");

/* How call_enter goes on. */
enum how {
	HOW_ON,     /* jump there: its end is of no interest */
	HOW_CALL,   /* call it, with 16 words of the stack, and tell its end */
	HOW_WIDELY, /* the same with 40 */
	HOW_ASK,    /* ask call_decide, with all registers saved */
};
struct verdict {
	void *real;
	unsigned long how;
};

/* Named by their code. */
struct verdict call_begin(unsigned index, uintptr_t frame);
struct verdict call_decide(unsigned index, uintptr_t frame);

/* Further down the same stack than the call that the thread is in. */
static inline bool is_nested(uintptr_t frame)
{
	return guest_thread.frame - frame - 1 < CALL_DEPTH;
}

static inline int copy_of(unsigned kind)
{
	return kind & CALL_COPY;
}

static inline unsigned long how_of(unsigned kind)
{
	return kind & CALL_WIDE ? HOW_WIDELY : HOW_CALL;
}

/*
 * Its frame is as call_enter has left it: if not, the call was jumped out of. That stack may be
 * another one, and gone: so the kernel looks, which compares a word before it wakes nobody.
 */
static bool is_intact(uintptr_t frame)
{
	uint32_t none = 0;

	return syscall(SYS_futex, frame + (uintptr_t)(intptr_t)MARK_AT, FUTEX_CMP_REQUEUE_PRIVATE,
		       0, 0, &none, (uint32_t)frame)
	       == 0;
}

/* OF_..., without a branch, as this stands in front of each call. */
static inline unsigned class_of(unsigned kind)
{
	enum { AT = 5 };
	_Static_assert(CALL_TURNS >> AT == OF_TURNS && CALL_VECTOR >> AT == OF_VECTORS, "");

	return (kind & (CALL_TURNS | CALL_VECTOR)) >> AT;
}

/* Of one whose home has a row. */
static inline int berth_of(unsigned kind, const struct home *home)
{
	return atomic_load_explicit(&home->how[class_of(kind)], memory_order_relaxed);
}

/* Count it, if that is all there is to do: no number changes. */
static inline bool take_off(unsigned kind, uintptr_t frame)
{
	struct guest_thread *thread = &guest_thread;
	struct home *home = guest_home;
	struct berth *berth = thread->berth;
	struct row *row;
	uint32_t claim;
	int share;

	if (!guest_quiet() || thread->frame || !berth
	    || atomic_load_explicit(&berth->thread, memory_order_relaxed) != thread->id
	    || blas_is_behind(copy_of(kind)))
		return false;
	row = atomic_load_explicit(&home->row, memory_order_relaxed);
	if (!row)
		return false;
	share = atomic_load_explicit(&home->share, memory_order_relaxed);
	atomic_store_explicit(&berth->share, share, memory_order_relaxed);
	atomic_store_explicit(&berth->flies, berth_of(kind, home), memory_order_relaxed);
	thread->row = row;
	thread->frame = frame;
	claim = atomic_fetch_add(&row->claim, LEDGER_FLIGHT);
	return ledger_share_in(claim) >= share
	       && share == atomic_load_explicit(&home->share, memory_order_relaxed)
	       && ledger_flights_in(claim)
			  < atomic_load_explicit(&home->crowd, memory_order_relaxed);
}

struct verdict call_begin(unsigned index, uintptr_t frame)
{
	struct verdict verdict = { call_reals[index], HOW_ASK };
	unsigned kind = call_kinds[index];

	if (is_nested(frame)) {
		if (guest_quiet() && !blas_is_behind(copy_of(kind))) {
			guest_thread.credit = CREDIT;
			verdict.how = HOW_ON;
		}
	} else if (take_off(kind, frame)) {
		guest_thread.fixed = kind & CALL_DECIDES;
		verdict.how = how_of(kind);
	}
	return verdict;
}

struct verdict call_decide(unsigned index, uintptr_t frame)
{
	struct verdict verdict = { call_reals[index], HOW_ON };
	unsigned kind = call_kinds[index];
	VISIT(visit);

	if (!visit.welcome) {
		if (guest_thread.frame == frame)
			guest_land();
		return verdict;
	}
	if (is_nested(frame) && !is_intact(guest_thread.frame))
		guest_land();
	if (!is_nested(frame)) {
		/* Unless it has only just taken off. */
		if (guest_thread.frame != frame || !guest_thread.row
		    || guest_thread.row != guest_own_row(guest_home))
			guest_fly(frame, GUEST_HOW(class_of(kind)));
		verdict.how = how_of(kind);
	}
	guest_thread.credit = CREDIT;
	if (!guest_thread.fixed && (verdict.how != HOW_ON || kind & CALL_DECIDES))
		blas_tell(&blas_copies[copy_of(kind)], true);
	if (verdict.how != HOW_ON) {
		guest_thread.fixed = kind & CALL_DECIDES;
		if (guest_thread.row && guest_thread.berth)
			atomic_store(&guest_thread.berth->flies, berth_of(kind, guest_home));
	}
	return verdict;
}

void *call_stub(void *real, enum call_kind kind)
{
	unsigned index = atomic_fetch_add(&used, 1);

	if (index >= CALL_STUBS)
		return NULL;
	call_reals[index] = real; /* before anybody comes by it */
	call_kinds[index] = (uint8_t)kind;
	return call_stubs[index];
}

void *call_behind(void *fn)
{
	uintptr_t offset = (uintptr_t)fn - (uintptr_t)call_stubs;

	return offset < sizeof call_stubs ? call_reals[offset / STUB_SIZE] : fn;
}

#else

void *call_stub(void *real, enum call_kind kind)
{
	(void)real;
	(void)kind;
	return NULL;
}

void *call_behind(void *fn)
{
	return fn;
}

#endif
