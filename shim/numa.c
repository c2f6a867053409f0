/* SPDX-License-Identifier: MIT */
/*
 * Hook: numactl reads a list of CPUs with libnuma, which refuses those that the process may not
 * use (2.0.16, from /proc/self/status), as are inside a fence all but the fence's own. It is read
 * without that check there; what comes of it is put inside the fence by the next look at the tasks,
 * since libnuma sets affinities by syscall(2).
 */
#define _GNU_SOURCE
#include "shim/aside.h"
#include "shim/bind.h"
#include "shim/real.h"
#include "shim/shim.h"

#include <dlfcn.h>
#include <stddef.h>

struct bitmask;
struct bitmask *numa_parse_cpustring(const char *text);

/* Of the copy that is loaded; it may be out of RTLD_NEXT's sight. Kept open: never unloaded. */
static void *find(const char *name)
{
	void *numa = REAL(dlopen) ? REAL(dlopen)("libnuma.so.1", RTLD_LAZY | RTLD_NOLOAD) : NULL;

	return numa && REAL(dlsym) ? REAL(dlsym)(numa, name) : NULL;
}

static void look(void *data)
{
	*(bool *)data = bind_is_fenced();
}

HOOK struct bitmask *numa_parse_cpustring(const char *text)
{
	struct bitmask *(*real)(const char *), *(*all)(const char *);
	bool fenced = false;
	VISIT(visit);

	*(void **)&real = find("numa_parse_cpustring");
	if (visit.welcome && aside_call(look, &fenced) && fenced) {
		*(void **)&all = find("numa_parse_cpustring_all");
		real = all ? all : real;
	}
	return real ? real(text) : NULL;
}
