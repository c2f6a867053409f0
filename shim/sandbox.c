/* SPDX-License-Identifier: MIT */
/*
 * Hook: before a program gives up its rights we give up our row, and are gone for good. Filters
 * come by prctl(2), from libseccomp too, as it sets no_new_privs first (2.5); one that is set by
 * syscall(2) is not seen.
 */
#define _GNU_SOURCE
#include "shim/guest.h"
#include "shim/real.h"

#include <linux/kcmp.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A child by vfork(2) has its parent's memory, and its parent's name for the thread. */
static bool is_vforked(void)
{
	clockid_t clock; /* ~tid << 3 | 6, as clock_gettime(2) has that of a thread */

	/* In libpthread before glibc 2.34, which a program may do without. */
	if (!REAL(pthread_getcpuclockid)
	    || REAL(pthread_getcpuclockid)(REAL(pthread_self)(), &clock) != 0)
		return syscall(SYS_kcmp, getpid(), getppid(), KCMP_VM, 0, 0) == 0;
	return ~(clock >> 3) != (int)syscall(SYS_gettid);
}

/* Its page stays: other threads are at gates, which from now on let everything through. */
static void withdraw(void)
{
	struct home *home = __atomic_load_n(&guest_home, __ATOMIC_ACQUIRE);
	struct row *row = home ? atomic_load(&home->row) : NULL;

	shim_retire();
	if (home) /* never quiet again, and before it reads the clock: strict mode forbids rdtsc */
		atomic_store(&home->generation, UINT64_MAX);
	if (row)
		ledger_leave(row, atomic_load(&home->self));
}

HOOK int prctl(int option, ...)
{
	unsigned long a, b, c, d;
	va_list args;

	va_start(args, option);
	a = va_arg(args, unsigned long);
	b = va_arg(args, unsigned long);
	c = va_arg(args, unsigned long);
	d = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_SECCOMP || (option == PR_SET_NO_NEW_PRIVS && a == 1)) {
		if (!shim_is_out() && !is_vforked())
			withdraw();
		shim_stay_out();
	}
	return REAL(prctl)(option, a, b, c, d);
}
