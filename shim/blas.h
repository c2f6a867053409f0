/* SPDX-License-Identifier: MIT */
/*
 * The copies of OpenBLAS in this process (numpy and scipy bring one each), and the
 * gate of each: the point where it picks the thread count of a call.
 *
 * What the program sets through the library's own functions is its wish: it reads
 * back what it set, and gets at most its share.
 */
#ifndef RATION_BLAS_H
#define RATION_BLAS_H

#include "shim/elf.h"
#include "shim/guest.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { BLAS_COPIES = 6 };

struct range {
	uintptr_t low;
	size_t size;
};

/* What builders put around the names: scipy_cblas_dgemm64_, scipy_dgemm_64_. */
struct blas_style {
	char prefix[24], suffix[16];
};

/* Where the file says that they are, until that is proved or disproved; NULL: nowhere. */
struct hidden {
	atomic_int *cpu_number, *pool_size, *server_avail;
};

struct copy {
	struct elf elf;
	bool openmp;
	bool style_known; /* it publishes its setter */
	struct blas_style style;
	/*
	 * Its own variables (OpenBLAS 0.3.20 to 0.3.34; never renamed by prefix or suffix). NULL:
	 * it shows what it publishes only (numpy 2.5.3 and later), and is told by that.
	 */
	atomic_int *cpu_number;       /* threads of the next call */
	atomic_int *pool_size;        /* blas_num_threads: the most that cpu_number may be */
	atomic_int *server_avail;     /* 0: the pool is down, as after a fork */
	struct hidden hidden;         /* the same, as its file has them */
	void (*set_num_threads)(int); /* its own, not ours; NULL: it shows none */
	int (*get_num_threads)(void); /* the same */
	struct range entry;           /* blas_memory_alloc: the start of a call */
	struct range dispatch;        /* exec_blas_async: jobs are handed out */
	struct range leave;           /* blas_memory_free: its end */
	struct range starts;          /* where workers are started; all of it if not known */
	void *(*server)(void *);      /* blas_thread_server, once it was started */
	atomic_int wish;              /* 0: the program asked for nothing yet */
	atomic_int share;             /* of ours, for which it was last told */
	atomic_int told;              /* cpu_number, as we left it */
	atomic_int telling;           /* a thread is at it: the others take what is there */
};

extern struct copy blas_copies[BLAS_COPIES];
extern atomic_int blas_count;

/* The object of this address reads OPENBLAS_ variables: if it is an unknown copy, take it in. */
void blas_meet(const void *caller);

/* Whether this address lies in something that reads OPENBLAS_ variables, static ones included. */
bool blas_asks(const void *caller);

/* Make ready a forked child: no copy of the parent's pool is made again. */
void blas_forked_child(void);

/* Threads of its next call, as it has it. */
static inline int blas_now(struct copy *copy)
{
	if (copy->cpu_number)
		return atomic_load(copy->cpu_number);
	return copy->get_num_threads();
}

/* What the program wants of the copy, as it shall read it back. */
int blas_wish(struct copy *copy);

/* Bring the copy to the share of this moment; grow: its pool may be enlarged now. */
void blas_tell(struct copy *copy, bool grow);

/* The two flavours: put the gates in. false: its calls cannot be steered. */
bool blas_pthread_open(struct copy *copy, int index);
bool blas_openmp_open(struct copy *copy, int index);

/* What a thread that caller begins at start begins at instead: workers of a copy are marked. */
void *(*blas_worker(void *(*start)(void *), const void *caller))(void *);

/* Of the OpenMP flavour: what the program has set for the runtime beneath, read and written. */
int blas_openmp_allows(struct copy *copy);
void blas_openmp_set(struct copy *copy, int threads);

/* What the library shows programs: set and get, under all the names builders give them. */
void blas_api_open(struct copy *copy, int index);

/*
 * What is published, by the copy itself and by libraries that bring its interfaces (Debian's
 * libblas and liblapack): gates at the begin and the end of each call. Answers how many.
 */
int blas_calls_open(struct copy *copy, int index);

/* Its private names, where its file has them (blas-hidden.c): guessed, */
void blas_hidden_find(struct copy *copy);
/* and proved, by its setter; in a forked child, which has one thread, without a thread more. */
void blas_hidden_prove(struct copy *copy);
void blas_hidden_prove_forked(struct copy *copy);

/* Libraries that came since the last look, and bring interfaces of a copy. */
void blas_calls_follow(void);

/* How elf puts the names together that it publishes. false: it does not publish a setter. */
bool blas_style_of(const struct elf *elf, struct blas_style *style);

/* enum call_kind, without a copy, of a name; 0: none that uses threads, or of another style. */
int blas_call_kind(const char *name, const struct blas_style *style);

/* For which home->turn each copy was told last. */
extern atomic_int blas_turns[8] GUEST_HIDDEN;

/* What a call of the copy may use has changed since. */
static inline bool blas_is_behind(int index)
{
	return atomic_load_explicit(&blas_turns[index], memory_order_relaxed)
	       != atomic_load_explicit(&guest_home->turn, memory_order_relaxed);
}

/* X(0) ... X(5): one function a copy, since a library's call does not say which it is. */
#define BLAS_EACH(X) X(0) X(1) X(2) X(3) X(4) X(5)

/* fn_of(index): the one of them that is for this copy. A table would be relocated at each exec. */
#define BLAS_PICK(fn)                          \
	static void *fn##_of(int index)        \
	{                                      \
		switch (index) {               \
		case 1:                        \
			return (void *)fn##_1; \
		case 2:                        \
			return (void *)fn##_2; \
		case 3:                        \
			return (void *)fn##_3; \
		case 4:                        \
			return (void *)fn##_4; \
		case 5:                        \
			return (void *)fn##_5; \
		default:                       \
			return (void *)fn##_0; \
		}                              \
	}

#endif
