/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for what another user's table of fences may hold (`make fuzz-claims`; libFuzzer): it
 * adds to his CPUs, and does nothing else.
 */
#define _GNU_SOURCE
#include "cli/claims.h"

#include "core/ident.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Some rows are made to look alive, or nothing behind that would ever be reached. */
static void enliven(struct fences *fences, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < FENCE_ROWS && i < size; i++) {
		if (bytes[i] & 1)
			fences->rows[i].owner = ident_self();
		if (bytes[i] & 2)
			fences->rows[i].space = ident_namespace();
		if (bytes[i] & 4)
			fences->rows[i].state = FENCE_RAISED;
		if (bytes[i] & 8)
			fences->rows[i].beat_ms = (uint32_t)ident_now_ms();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct fences fences, before;
	struct fence_row later = { .owner = 1 };
	struct claims_asker asker = { .owner = 1, .later = size & 1 ? &later : NULL };
	struct mask his = { { 0 } };

	memset(&fences, 0, sizeof fences);
	memcpy(&fences, bytes, size < sizeof fences ? size : sizeof fences);
	enliven(&fences, bytes, size);
	before = fences;
	claims_of_other(&fences, getuid(), &asker, &his);
	if (mask_count(&his) > MASK_CPUS || memcmp(&before, &fences, sizeof fences) != 0)
		abort();
	return 0;
}
