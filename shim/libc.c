/* SPDX-License-Identifier: MIT */
/*
 * Hooks: what libc says of the machine. The answer is the budget, which is constant,
 * never the share of the moment: programs size their pools by it once and for all.
 * _SC_NPROCESSORS_CONF stays true: it is the bound of arrays and of masks.
 */
#define _GNU_SOURCE
#include "shim/aside.h"
#include "shim/guest.h"
#include "shim/real.h"
#include "shim/ruling.h"
#include "shim/tbb.h"
#include "shim/told.h"

#include <pthread.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

struct answer {
	bool present;
	int cores;
};

static void ask(void *data)
{
	struct answer *answer = data;

	answer->present = ruling_present();
	answer->cores = answer->present ? guest_cores() : 0;
}

/* Cores of this program, in a visit that is welcome; 0: it is left alone. */
static int cores_here(void)
{
	static atomic_bool asked;
	struct answer answer = { .present = false };

	if (likely(atomic_load_explicit(&asked, memory_order_relaxed))) {
		ask(&answer);
		return answer.cores;
	}
	/* The first time files are read. */
	if (aside_call(ask, &answer))
		atomic_store(&asked, true);
	return answer.cores;
}

static int at_most_budget(int count)
{
	int cores = cores_here();

	return cores > 0 && cores < count ? cores : count;
}

HOOK long sysconf(int name)
{
	long answer = REAL(sysconf)(name);

	if (shim_is_out() || likely(name != _SC_NPROCESSORS_ONLN) || answer <= 0)
		return answer;
	VISIT(visit);
	return visit.welcome ? at_most_budget((int)answer) : answer;
}

HOOK int get_nprocs(void)
{
	int answer = REAL(get_nprocs)();
	VISIT(visit);

	return visit.welcome ? at_most_budget(answer) : answer;
}

/*
 * Keep as many CPUs of the mask as the budget has. Which ones depends on the job, and
 * not on the process: two jobs that bind themselves to what they see do not always
 * meet on the first CPUs. A mask that is small enough is left as it is.
 */
static void narrow(cpu_set_t *mask, size_t size)
{
	int count = 0, cores = cores_here(), from, seen = 0;

	for (size_t cpu = 0; cpu < size * 8; cpu++)
		count += CPU_ISSET_S(cpu, size, mask) != 0;
	if (cores < 1 || count <= cores)
		return;
	from = (int)(shim_orders()->job % (uint64_t)count / (uint64_t)cores * (uint64_t)cores);
	if (from > count - cores)
		from = count - cores;
	told_note(mask, size, from, cores);
	for (size_t cpu = 0; cpu < size * 8; cpu++) {
		if (!CPU_ISSET_S(cpu, size, mask))
			continue;
		if (seen < from || seen >= from + cores)
			CPU_CLR_S(cpu, size, mask);
		seen++;
	}
}

static void meet(void *caller)
{
	tbb_meet(caller);
}

HOOK int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask)
{
	int answer = REAL(sched_getaffinity)(pid, size, mask);
	VISIT(visit);

	if (visit.welcome && answer == 0 && (pid == 0 || pid == getpid())) {
		aside_try(meet, __builtin_return_address(0));
		narrow(mask, size);
	}
	return answer;
}

HOOK int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *mask)
{
	int answer = REAL_LATE(pthread_getaffinity_np)(thread, size, mask);
	VISIT(visit);

	if (visit.welcome && answer == 0)
		narrow(mask, size);
	return answer;
}
