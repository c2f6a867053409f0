/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#include "core/mask.h"

struct mask mask_confine(const struct mask *wish, const struct mask *fence, int seed)
{
	struct mask left = mask_both(wish, fence);
	int room = mask_count(fence), wanted = mask_count(wish), from, seen = 0;

	if (mask_count(&left) > 0 || room == 0)
		return left;
	if (wanted >= room)
		return *fence;
	from = (int)((unsigned)seed % (unsigned)room);
	for (int cpu = 0; cpu < MASK_CPUS; cpu++) {
		if (!mask_has(fence, cpu))
			continue;
		if ((seen - from + room) % room < wanted)
			mask_add(&left, cpu);
		seen++;
	}
	return left;
}
