/* SPDX-License-Identifier: MIT */
/* A kernel that says of every program that it has more rights than its caller. */
#include <dlfcn.h>
#include <sys/auxv.h>

unsigned long getauxval(unsigned long type)
{
	return type == AT_SECURE;
}
