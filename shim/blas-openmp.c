/* SPDX-License-Identifier: MIT */
/*
 * OpenBLAS on top of OpenMP (Debian's openmp build). Every call asks the OpenMP
 * runtime how many threads there may be, and its jobs then wait for one another: so
 * the answer is where the count is chosen, and the team is exactly as chosen, never
 * smaller (it would hang; OpenBLAS 0.3.21). Debian keeps the interfaces in libblas
 * and liblapack, which ask too: whatever calls into the copy has its question bound
 * to our answer. The runtime itself stays as it is for the rest of the program.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "shim/entry.h"
#include "shim/guest.h"
#include "shim/omp.h"
#include "shim/real.h"

#include <dlfcn.h>

typedef void (*region)(void *);

/*
 * What comes of the number that a program sets through OpenBLAS: it is the runtime's
 * (to 0.3.21), or nothing but read back, until the next call asks the runtime again
 * (0.3.29), or its own (0.3.34).
 */
enum setting { SETS_RUNTIME, SETS_NOTHING, SETS_ITSELF };

static struct beneath {
	int runtime; /* of omp.h */
	enum setting setting;
	atomic_int set;     /* by the program, where the runtime is not told; 0: nothing */
	int *set_flag;      /* 0.3.34 asks the runtime no more if it is not 0 */
	int *most;          /* what its first question was answered: no call has more (0.3.29) */
	struct range start; /* where that is asked */
	int (*max_threads)(void);
	void (*set_threads)(int);
	void (*parallel)(region fn, void *data, unsigned threads, unsigned flags);
	void *(*alloc)(int position);
	int (*exec)(long jobs, void *queue);
} beneath[BLAS_COPIES];

/* Those whose question is answered by us. They stay loaded as long as the copy does. */
enum { CALLERS = 16 };
static struct {
	_Atomic uintptr_t low, high;
} callers[CALLERS];
static atomic_int caller_count;

static _Thread_local struct {
	int team;     /* jobs of the call that this thread runs now */
	bool in_team; /* this thread is at one of them: it is no caller */
} call;

/* Past what its first contact with us told the runtime: here, every call is told anew. */
static int wished(const struct beneath *real)
{
	int wish = real->runtime < 0 ? real->max_threads() : omp_wish_of_team(real->runtime);

	return real->most && *real->most > 0 && *real->most < wish ? *real->most : wish;
}

int blas_openmp_allows(struct copy *copy)
{
	struct beneath *real = &beneath[copy - blas_copies];
	int set = atomic_load(&real->set);

	if (set > 0)
		return set;
	return real->max_threads ? wished(real) : guest_cores();
}

/* As OpenBLAS does it: see enum setting. The runtime's count is that of the calling thread. */
void blas_openmp_set(struct copy *copy, int threads)
{
	struct beneath *real = &beneath[copy - blas_copies];

	if (real->setting != SETS_RUNTIME)
		atomic_store(&real->set, threads);
	else if (real->set_threads)
		real->set_threads(threads);
}

/* Of the call that begins now. 0.3.34 would wait for ever for more than the runtime has. */
static int wanted(struct beneath *real)
{
	int set = atomic_load_explicit(&real->set, memory_order_relaxed), most = wished(real);

	if (set > 0 && real->setting == SETS_ITSELF)
		return set < most ? set : most;
	if (set > 0)
		atomic_store(&real->set, 0);
	return most;
}

static void settle_count(struct copy *copy)
{
	int share;

	if (call.in_team || guest_thread.fixed)
		return;
	share = guest_settled();
	if (likely(share > 0 && share == atomic_load(&copy->share)))
		return;
	VISIT(visit);
	if (visit.welcome)
		blas_tell(copy, false);
}

/* The least of what the program has set, and the share. */
static int answer(int i, const void *caller)
{
	struct copy *copy = &blas_copies[i];
	int threads, share;

	/* What it makes itself ready for is no share of this moment, which would bind for good. */
	if (unlikely((uintptr_t)caller - beneath[i].start.low < beneath[i].start.size))
		return wished(&beneath[i]);
	threads = wanted(&beneath[i]);
	if (call.in_team) /* OpenBLAS uses no threads within its own */
		return threads;
	settle_count(copy);
	share = atomic_load(&copy->share);
	if (share > 0 && share < threads)
		threads = share;
	/* It has buffers for so many threads only: its own way to more, which frees none. */
	if (unlikely(threads > atomic_load(copy->pool_size)) && copy->set_num_threads) {
		copy->set_num_threads(threads);
		if (beneath[i].set_flag)
			*beneath[i].set_flag = 0;
	}
	/*
	 * What it is told is what it finds: else it would call goto_set_num_threads,
	 * which frees buffers that another thread computes in.
	 */
	atomic_store(copy->cpu_number, threads);
	atomic_store(&copy->told, threads);
	return threads;
}

#define MAX_THREADS(i)                                         \
	static int max_threads_##i(void)                       \
	{                                                      \
		return answer(i, __builtin_return_address(0)); \
	}
BLAS_EACH(MAX_THREADS)

/* It must not change the program's own setting: our answer would become its wish. */
static void ignore(int threads)
{
	(void)threads;
}

struct job {
	region fn;
	void *data;
};

static void work(void *data)
{
	const struct job *job = data;
	bool before = call.in_team;

	call.in_team = true;
	job->fn(job->data);
	call.in_team = before;
}

#define PARALLEL(i)                                                                            \
	static void parallel_##i(region fn, void *data, unsigned threads, unsigned flags)      \
	{                                                                                      \
		struct job job = { fn, data };                                                 \
		beneath[i].parallel(work, &job, call.team > 0 ? (unsigned)call.team : threads, \
				    flags);                                                    \
	}
BLAS_EACH(PARALLEL)

BLAS_PICK(max_threads)
BLAS_PICK(parallel)

static bool known(const void *caller)
{
	int count = atomic_load_explicit(&caller_count, memory_order_relaxed);

	for (int i = 0; i < count && i < CALLERS; i++)
		if ((uintptr_t)caller >= atomic_load_explicit(&callers[i].low, memory_order_relaxed)
		    && (uintptr_t)caller
			       < atomic_load_explicit(&callers[i].high, memory_order_relaxed))
			return true;
	return false;
}

static void answer_to(const struct elf *elf, int index)
{
	int caller;

	elf_bind(elf, "omp_get_max_threads", max_threads_of(index));
	elf_bind(elf, "omp_set_num_threads", (void *)ignore);
	caller = atomic_fetch_add(&caller_count, 1);
	if (caller < CALLERS) {
		atomic_store(&callers[caller].low, elf->low);
		atomic_store(&callers[caller].high, elf->high);
	}
}

/* liblapack.so.3 can come long after libopenblas: at its first call, before it asks. */
static __attribute__((noinline)) void meet(const void *caller, int index)
{
	struct elf elf;

	if (elf_at(caller, &elf))
		answer_to(&elf, index);
}

#define ALLOC(i)                                                  \
	static void *alloc_##i(int position)                      \
	{                                                         \
		const void *caller = __builtin_return_address(0); \
		if (unlikely(!known(caller)))                     \
			meet(caller, i);                          \
		settle_count(&blas_copies[i]);                    \
		return beneath[i].alloc(position);                \
	}
BLAS_EACH(ALLOC)
BLAS_PICK(alloc)

#define EXEC(i)                                                   \
	static int exec_##i(long jobs, void *queue)               \
	{                                                         \
		const void *caller = __builtin_return_address(0); \
		int before = call.team, result;                   \
		if (unlikely(!known(caller)))                     \
			meet(caller, i);                          \
		call.team = (int)jobs;                            \
		result = beneath[i].exec(jobs, queue);            \
		call.team = before;                               \
		return result;                                    \
	}
BLAS_EACH(EXEC)
BLAS_PICK(exec)

static bool calls_openblas(const struct elf *elf)
{
	return elf_imports(elf, "blas_memory_alloc") || elf_imports(elf, "exec_blas");
}

static bool meet_loaded(const struct elf *elf, void *data)
{
	if (calls_openblas(elf))
		answer_to(elf, *(int *)data);
	return false;
}

/* As the loader would bind it: what it has bound, the global scope, then its own. */
static void *find(const struct copy *copy, void *handle, const char *name)
{
	void *bound = elf_bound(&copy->elf, name);

	if (!bound)
		bound = REAL(dlsym)(RTLD_DEFAULT, name);
	return entry_behind(bound || !handle ? bound : REAL(dlsym)(handle, name));
}

static void read_version(struct copy *copy, struct beneath *real)
{
	real->most = elf_defines(&copy->elf, "blas_omp_number_max", NULL);
	real->set_flag = elf_defines(&copy->elf, "blas_is_num_threads_set_explicitly", NULL);
	real->start.low = (uintptr_t)elf_defines(&copy->elf, "blas_thread_init", &real->start.size);
	if (real->set_flag)
		real->setting = SETS_ITSELF;
	else if (!elf_imports(&copy->elf, "omp_set_num_threads"))
		real->setting = SETS_NOTHING;
}

bool blas_openmp_open(struct copy *copy, int index)
{
	struct beneath *real = &beneath[index];
	void *handle =
		REAL(dlopen)(copy->elf.name[0] ? copy->elf.name : NULL, RTLD_LAZY | RTLD_NOLOAD);

	read_version(copy, real);
	*(void **)&real->max_threads = find(copy, handle, "omp_get_max_threads");
	*(void **)&real->set_threads = find(copy, handle, "omp_set_num_threads");
	*(void **)&real->parallel = find(copy, handle, "GOMP_parallel");
	omp_meet((void *)real->max_threads);
	real->runtime = omp_index((void *)real->max_threads);
	if (!real->max_threads || !real->parallel)
		return false;
	*(void **)&real->alloc = elf_defines(&copy->elf, "blas_memory_alloc", NULL);
	*(void **)&real->exec = elf_defines(&copy->elf, "exec_blas", NULL);
	if (!real->alloc || !real->exec
	    || elf_bind(&copy->elf, "GOMP_parallel", parallel_of(index)) < 1)
		return false;
	elf_replace(&copy->elf, "exec_blas", exec_of(index));
	elf_replace(&copy->elf, "blas_memory_alloc", alloc_of(index));
	if (!calls_openblas(&copy->elf)) /* it binds them to itself */
		answer_to(&copy->elf, index);
	elf_each(meet_loaded, &index);
	return true;
}
