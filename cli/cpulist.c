/* SPDX-License-Identifier: MIT */
/* A set of CPUs as people read it: ranges. */
#include "cli/cpulist.h"

#include <stdio.h>

enum { RANGE_SIZE = 16 };

const char *cpulist_text(const struct mask *mask, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int cpu = 0; cpu < MASK_CPUS; cpu++) {
		int last = cpu;

		if (!mask_has(mask, cpu))
			continue;
		if (size - used < RANGE_SIZE) {
			snprintf(text + used, size - used, "...");
			break;
		}
		while (mask_has(mask, last + 1))
			last++;
		used += (size_t)snprintf(text + used, size - used, last > cpu ? "%s%d-%d" : "%s%d",
					 used ? "," : "", cpu, last);
		cpu = last;
	}
	return text;
}
