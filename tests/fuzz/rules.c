/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for the reader of the table (`make fuzz-rules`; libFuzzer). Any bytes may stand in the
 * file: a guest stays inside them, and has an answer within the bounds that the header promises,
 * the same each time; and nobody is exempt by a table that is not root's own.
 */
#define _GNU_SOURCE
#include "core/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static int judge(const struct rules *rules, bool stranger, struct rules_verdict *verdict)
{
	static const uint32_t groups[] = { 0, 1, 100 };
	struct rules_who who = { .uid = 1000, .groups = groups, .group_count = 3 };
	int error;

	who.stranger = stranger;
	error = rules_judge(rules, &who, 16, verdict);
	insist(error == 0 || error == -EINVAL);
	insist(verdict->cores >= 0 && verdict->cores <= 4096);
	insist(error || (verdict->fence >= -1 && verdict->fence <= 3));
	insist(!error || (!verdict->exempt && !verdict->locked && !verdict->cores));
	insist(!stranger || !verdict->exempt);
	return error;
}

/* The first byte says what is made right, so that more than the sum is tried. */
static void mend(struct rules *rules, uint8_t what)
{
	struct rules_half *half;

	if (what & 1) {
		rules->magic = RULES_MAGIC;
		rules->version = RULES_VERSION;
		rules->size = sizeof *rules;
	}
	half = &rules->halves[rules_generation(rules) & 1];
	if (what & 2)
		half->count %= 40;
	if ((what & 4) && half->count <= RULES_MOST) {
		half->sum = half->count;
		for (uint32_t i = 0; i < half->count; i++)
			half->sum = rules_sum(half->sum, &half->rules[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct rules *rules;
	struct rules_verdict first, second;
	size_t head = offsetof(struct rules, filler), rest;

	if (!rules)
		rules = calloc(1, sizeof *rules);
	insist(rules != NULL);
	if (size < 1 + head)
		return 0;
	/* The head, and then one half or, with bit 3, the other: the rest is as it was before. */
	memcpy(rules, bytes + 1, head);
	rest = size - 1 - head;
	if (rest > sizeof rules->halves[0])
		rest = sizeof rules->halves[0];
	memcpy(&rules->halves[bytes[0] >> 3 & 1], bytes + 1 + head, rest);
	mend(rules, bytes[0]);
	if (!rules_good(rules, sizeof *rules))
		return 0;
	insist(!rules_good(rules, sizeof *rules - 1));
	insist(judge(rules, false, &first) == judge(rules, false, &second));
	insist(!memcmp(&first, &second, sizeof first));
	judge(rules, true, &second);
	return 0;
}
