/* SPDX-License-Identifier: MIT */
/*
 * Hook: numactl reads a list of CPUs with libnuma, which refuses those that the process may not
 * use (2.0.16, from /proc/self/status), as are inside a fence all but the fence's own. It is read
 * without that check there; what comes of it is put inside the fence by the next look at the tasks,
 * since libnuma sets affinities by syscall(2).
 */
#define _GNU_SOURCE
#include "shim/bind.h"
#include "shim/shim.h"

#include <dlfcn.h>
#include <stddef.h>

struct bitmask;
struct bitmask *numa_parse_cpustring(const char *text);

/* Of the copy that is loaded; it may be out of RTLD_NEXT's sight. Kept open: never unloaded. */
static void *find(const char *name)
{
	void *numa = dlopen("libnuma.so.1", RTLD_LAZY | RTLD_NOLOAD);

	return numa ? dlsym(numa, name) : NULL;
}

HOOK struct bitmask *numa_parse_cpustring(const char *text)
{
	struct bitmask *(*real)(const char *), *(*all)(const char *);
	VISIT(visit);

	*(void **)&real = find("numa_parse_cpustring");
	if (visit.welcome && bind_is_fenced()) {
		*(void **)&all = find("numa_parse_cpustring_all");
		real = all ? all : real;
	}
	return real ? real(text) : NULL;
}
