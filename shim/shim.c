/* SPDX-License-Identifier: MIT */
/*
 * Orders are read at the first visit. Threads that come at the same time each read
 * them, and write the same: no lock that a fork could leave held.
 */
#define _GNU_SOURCE
#include "shim/shim.h"

#include "core/budget.h"
#include "core/env.h"
#include "shim/aside.h"
#include "shim/real.h"
#include "shim/ruling.h"
#include "shim/self.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

atomic_int shim_state;
static struct orders orders = { .record = -1 };

/*
 * Where on its stack this thread has come in; 0: it is not here. A visit that begins further
 * out than that is not inside of it: the guest has jumped out, from a signal handler of its own.
 */
static _Thread_local uintptr_t inside;

const char *shim_env(const char *name)
{
	return REAL(getenv)(name);
}

/*
 * Before libc has its environment every variable would seem unset, for good. Looked
 * up here, once: as an import it would cost every process that carries us.
 */
static bool too_early(void)
{
	char ***environment = real_first("environ");

	return !environment || !*environment;
}

int shim_number(const char *text)
{
	long number = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	while (*text >= '0' && *text <= '9' && number <= BUDGET_MAX)
		number = number * 10 + (*text++ - '0');
	return budget_clamp(number, 0, BUDGET_MAX);
}

static uint64_t read_digits(const char **text, unsigned base)
{
	uint64_t number = 0;

	for (;; ++*text) {
		char c = **text;

		if (c >= '0' && c <= '9')
			number = number * base + (uint64_t)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			number = number * base + (uint64_t)(c - 'a' + 10);
		else
			return number;
	}
}

/* ID:CORES:RECORD, as `ration` wrote it: "18f2a40001a2b:4:-1". */
static void read_job(const char *text)
{
	uint64_t job = read_digits(&text, 16);

	if (*text++ != ':')
		return;
	orders.begun = true;
	orders.job = job;
	orders.cores = shim_number(text);
	text = strchr(text, ':');
	orders.record = text && text[1] >= '0' && text[1] <= '9' ? shim_number(text + 1) : -1;
}

static bool is_one(const char *value)
{
	return value && value[0] == '1' && !value[1];
}

/* Who is not begun by a `ration` is looked at in ruling.c, before anything else is done. */
static bool is_filtered(void)
{
	struct self self;

	self_read(&self);
	return self.filtered;
}

/*
 * A command of ours says so of itself, when it runs. What came with the program lies where the
 * kernel has put it, between 16 random bytes and the program's name, and is anybody's word.
 */
static bool is_ours(void)
{
	const char *self = shim_env(ENV_SELF);

	return is_one(self)
	       && ((uintptr_t)self < REAL(getauxval)(AT_RANDOM)
		   || (uintptr_t)self > REAL(getauxval)(AT_EXECFN));
}

static void wake(void *data)
{
	int *now = data;
	const char *job, *cores, *ledger;
	int was = SHIM_ASLEEP;
	bool off;

	if (too_early())
		return;
	/* Setuid and the like: an environment from someone else's hand. */
	job = shim_env(ENV_JOB);
	off = is_one(shim_env(ENV_OFF));
	if (REAL(getauxval)(AT_SECURE) || is_ours() || (off && job && !ruling_locked())
	    || real_is_foreign() || (job && is_filtered())) {
		shim_retire();
		*now = SHIM_OUT;
		return;
	}
	orders.off = off && !job;
	cores = shim_env(ENV_CORES);
	ledger = shim_env(ENV_LEDGER);
	if (job)
		read_job(job);
	else if (cores)
		orders.cores = shim_number(cores);
	if (ledger)
		orders.ledger = (uint32_t)read_digits(&ledger, 10);
	orders.debug = is_one(shim_env(ENV_DEBUG));
	/* Somebody may have retired us meanwhile. */
	atomic_compare_exchange_strong(&shim_state, &was, SHIM_AWAKE);
	*now = was == SHIM_OUT ? SHIM_OUT : SHIM_AWAKE;
}

void shim_retire(void)
{
	atomic_store(&shim_state, SHIM_OUT);
}

static atomic_bool for_good;

void shim_stay_out(void)
{
	if (shim_is_out())
		atomic_store(&for_good, true);
}

void shim_return(void)
{
	if (!atomic_load(&for_good))
		atomic_store(&shim_state, SHIM_AWAKE);
}

__attribute__((noinline)) struct visit shim_come(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	bool outermost = !inside || here >= inside;
	struct visit visit = { .came = true, .saved_errno = errno, .before = inside };
	int now = atomic_load_explicit(&shim_state, memory_order_acquire);

	if (outermost)
		inside = here;
	if (unlikely(now == SHIM_ASLEEP) && outermost) /* waking asks libc, too */
		now = aside_call(wake, &now) ? now : SHIM_OUT;
	visit.welcome = outermost && now == SHIM_AWAKE;
	return visit;
}

void shim_go(struct visit *visit)
{
	inside = visit->before;
	errno = visit->saved_errno;
}

uintptr_t shim_move(void *top)
{
	uintptr_t was = inside;

	if (was)
		inside = (uintptr_t)top;
	return was;
}

void shim_move_back(uintptr_t was)
{
	inside = was;
}

const struct orders *shim_orders(void)
{
	return &orders;
}

void shim_debug(const char *format, ...)
{
	char line[256];
	int length, head;
	va_list args;

	if (!orders.debug)
		return;
	head = snprintf(line, sizeof line, "ration[%d]: ", getpid());
	va_start(args, format);
	length = head + vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
	va_end(args);
	if (length > (int)sizeof line - 2)
		length = (int)sizeof line - 2;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		return; /* nobody to tell */
}
