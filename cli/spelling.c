/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. All that $LIB can lead to stands in the library's folder, or
 * in lib below it: that one has to be as trustworthy.
 */
#include "cli/spelling.h"

#include "cli/preload.h"
#include "cli/trust.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void spelling_plain(const char *library, struct spelling *spelling)
{
	spelling->narrow[0] = '\0';
	snprintf(spelling->path, sizeof spelling->path, "%s", library);
}

void spelling_of(const char *library, struct spelling *spelling)
{
	int folder = (int)(strrchr(library, '/') - library);
	char problem[2 * PATH_MAX];
	int length;

	spelling_plain(library, spelling);
	if (access("/lib/ld-linux.so.2", F_OK) != 0)
		return;
	length = snprintf(spelling->narrow, sizeof spelling->narrow, "%.*s/lib/" PRELOAD_LIBRARY,
			  folder, library);
	if (length < PATH_MAX && trust_library(spelling->narrow, problem, sizeof problem))
		snprintf(spelling->path, sizeof spelling->path, "%.*s/$LIB/" PRELOAD_LIBRARY,
			 folder, library);
	else
		spelling->narrow[0] = '\0';
}
