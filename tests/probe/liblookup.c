/* SPDX-License-Identifier: MIT */
/* A preload that stands in front of dlsym, as overlays do, and asks for a variable in it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

#if defined __x86_64__
static const char version[] = "GLIBC_2.2.5";
#else
static const char version[] = "GLIBC_2.17";
#endif

void *dlsym(void *handle, const char *name)
{
	void *(*real)(void *, const char *);

	(void)!getenv("OVERLAY");
	*(void **)&real = dlvsym(RTLD_NEXT, "dlsym", version);
	return real ? real(handle, name) : NULL;
}
