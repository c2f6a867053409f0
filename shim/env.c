/* SPDX-License-Identifier: MIT */
/*
 * Hooks: what runtimes read from the environment when they are loaded. A wish above
 * the budget is answered with the budget; a smaller one stands. This is also how we
 * learn that a runtime is here, in its constructor, before its first call. What the
 * program itself set before an import is seen as well, since it is in environ. Whoever
 * is no runtime (asker.h) reads what was set, and is none of our business.
 */
#define _GNU_SOURCE
#include "shim/answer.h"
#include "shim/aside.h"
#include "shim/asker.h"
#include "shim/blas.h"
#include "shim/blis.h"
#include "shim/fork.h"
#include "shim/guest.h"
#include "shim/mkl.h"
#include "shim/omp-known.h"
#include "shim/omp.h"
#include "shim/real.h"
#include "shim/ruling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Workers of OpenBLAS spin for 2^26 TSC ticks (some 0.1 s, measured with 0.3.21 to
 * 0.3.31) after their last job; other guests could compute in that time. 2^18 is
 * longer than the way from one call to the next: bench/spin.py, on two cores, twelve
 * cells on average: 0.99 of the time and 0.98 of the CPU of 2^20; small calls 0.83 and
 * 0.87 of the CPU. On sixteen cores: 0.95 and 0.91 of the time, inv in a Pool of 4 and of
 * 6. 2^14: calls of a tenth of a second take 3 to 5 % longer than that beside others.
 */
#define PATIENT_OPENBLAS "18"
/*
 * libgomp 12 spins 300 000 times, and is 225x slower when its CPUs are taken. XGBoost and LightGBM
 * of PyPI, small tables, teams of two on two CPUs, in seconds: alone 0.75 and 0.98 as it is,
 * 0.82 and 1.03 with 1000, 0.93 and 1.12 with 300; two at a time 4.6 and 10.5 with 10 000, 2.3 and
 * 6.9 with 3000, 1.6 and 3.4 with 1000, 1.3 and 2.1 with 300.
 */
#define PATIENT_LIBGOMP  "1000"
/*
 * Those who are asked to wait actively spin for hours (3e10 times), also while their program waits
 * for input: in so many they have spun for 10 to 50 ms, and other guests can have the cores.
 */
#define ACTIVE_LIBGOMP   "1000000"

/* NULL: it sleeps at once, as it was told. */
static const char *spins(void)
{
	const char *policy = shim_env("OMP_WAIT_POLICY");

	if (!policy)
		return PATIENT_LIBGOMP;
	while (*policy == ' ' || *policy == '\t')
		policy++;
	return (*policy | 0x20) == 'a' ? ACTIVE_LIBGOMP : NULL;
}

/* "8" and "8,2" (a number a level of nesting): each at most the budget. NULL: leave it. */
static const char *lowered(const char *value)
{
	char list[ANSWER_SIZE];
	size_t used = 0;
	int cores = guest_cores();
	bool change = false;

	if (!strchr(value, ','))
		return shim_number(value) > cores ? answer_number(cores) : NULL;
	for (const char *at = value; at && used < sizeof list - 8; at = strchr(at, ',')) {
		int number = shim_number(at += *at == ',');

		if (number < 1) /* not a list of numbers: its reader will say so */
			return NULL;
		change |= number > cores;
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%d", used ? "," : "",
					 number < cores ? number : cores);
	}
	return change ? answer_keep(list) : NULL;
}

/* OpenBLAS asks in this order, and takes the first that is a number. NAMED_NONE: no count. */
static enum named count_of(const char *name)
{
	if (!strcmp(name, "OPENBLAS_NUM_THREADS") || !strcmp(name, "OPENBLAS_DEFAULT_NUM_THREADS"))
		return NAMED_OPENBLAS;
	if (!strcmp(name, "GOTO_NUM_THREADS"))
		return NAMED_GOTO;
	return strcmp(name, "OMP_NUM_THREADS") ? NAMED_NONE : NAMED_OMP;
}

/* Those of OpenBLAS and OpenMP, then what others read by getenv and take for their number. */
static const char counts[] = "OPENBLAS_NUM_THREADS\0"
			     "OPENBLAS_DEFAULT_NUM_THREADS\0"
			     "GOTO_NUM_THREADS\0"
			     "OMP_NUM_THREADS\0"
			     "MKL_NUM_THREADS\0"
			     "BLIS_NUM_THREADS\0"
			     "RAYON_NUM_THREADS\0"
			     "POLARS_MAX_THREADS\0"
			     "JULIA_NUM_THREADS\0"
			     "R_DATATABLE_NUM_THREADS\0"
			     "MC_CORES\0";

static bool is_count(const char *name)
{
	for (const char *at = counts; *at; at += strlen(at) + 1)
		if (!strcmp(at, name))
			return true;
	return false;
}

/* A runtime gives itself away by what it reads. */
static void meet(const char *name, const void *caller)
{
	if (!strncmp(name, "OPENBLAS_", 9))
		blas_meet(caller);
	else if (!strncmp(name, "GOMP_", 5))
		omp_meet(caller);
	else if (!strcmp(name, "OMP_TOOL")) /* LLVM 14: first of all when it sets itself up */
		omp_meet_llvm(caller);
	else if (!strncmp(name, "MKL_", 4))
		mkl_meet();
	else if (!strncmp(name, "BLIS_", 5))
		blis_meet(caller);
	else
		return;
	fork_watch();
}

static __attribute__((noinline)) const char *answer(const char *name, const char *value,
						    const void *caller)
{
	const char *less;

	meet(name, caller);
	if (value) {
		if (!is_count(name))
			return value;
		guest_note(0, shim_number(value), 0, 0);
		if (count_of(name) && shim_number(value) > 0 && blas_asks(caller))
			guest_named(count_of(name), shim_number(value));
		if (!strcmp(name, "OMP_NUM_THREADS") && omp_tells(caller))
			return value; /* it is lowered at its first contact */
		less = lowered(value);
		if (less)
			shim_debug("%s=%s: answered %s", name, value, less);
		return less ? less : value;
	}
	if (!strcmp(name, "OPENBLAS_THREAD_TIMEOUT"))
		return PATIENT_OPENBLAS;
	if (!strcmp(name, "GOMP_SPINCOUNT"))
		return spins();
	/* Unset, OpenBLAS on OpenMP counts all configured CPUs, whatever it is allowed. */
	if (!strcmp(name, "OMP_NUM_THREADS") && blas_asks(caller))
		return answer_number(guest_cores());
	return NULL;
}

/* Not of those that we meet by what they read: unset, there is nothing to say. */
static bool is_foreign(const char *name)
{
	return strchr("RPJ", name[0]) || !strcmp(name, "MC_CORES");
}

/* Asked by runtimes, and by who wants to know how many threads they will have. */
static bool is_of_runtime(const char *name)
{
	return !strncmp(name, "OPENBLAS_", 9) || !strncmp(name, "OMP_", 4)
	       || !strncmp(name, "GOMP_", 5) || !strncmp(name, "MKL_", 4)
	       || !strncmp(name, "BLIS_", 5) || is_count(name);
}

/* First letters of the above; a name of another kind is none of our business. */
static bool concerns(const char *name)
{
	switch (name[0]) {
	case 'O':
		return name[1] == 'P' || name[1] == 'M';
	case 'G':
		return name[1] == 'O';
	case 'M':
		return (name[1] == 'K' && name[2] == 'L') || (name[1] == 'C' && name[2] == '_');
	case 'B':
		return name[1] == 'L' && name[2] == 'I';
	case 'R':
		return name[1] == 'A' || name[1] == '_';
	case 'P':
		return name[1] == 'O' && name[2] == 'L';
	case 'J':
		return name[1] == 'U' && name[2] == 'L';
	}
	return false;
}

struct question {
	const char *name;
	const void *caller;
	bool is_runtime;
};

static void judge(void *data)
{
	struct question *question = data;

	question->is_runtime = asker_is_runtime(question->name, question->caller);
}

/* A runtime may have its buffers; whoever else comes here has no room to spare. */
static __attribute__((noinline)) char *hear(const char *name, char *value, const void *caller)
{
	struct question question = { name, caller, false };
	VISIT(visit);

	if (!visit.welcome || !is_of_runtime(name) || (!value && is_foreign(name)))
		return value;
	aside_try(judge, &question);
	if (!question.is_runtime && value && !strcmp(name, "OMP_NUM_THREADS"))
		omp_known_read(shim_number(value));
	if (!question.is_runtime || !ruling_present())
		return value;
	return (char *)answer(name, value, caller);
}

HOOK char *getenv(const char *name)
{
	char *value = REAL(getenv)(name);

	if (shim_is_out() || !concerns(name))
		return value;
	return hear(name, value, __builtin_return_address(0));
}

HOOK char *secure_getenv(const char *name)
{
	char *value = REAL(secure_getenv)(name);

	if (shim_is_out() || !concerns(name))
		return value;
	return hear(name, value, __builtin_return_address(0));
}
