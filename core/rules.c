/* SPDX-License-Identifier: MIT */
/* The rules are in the header; which value goes before which is said in conf/apply.h. */
#define _GNU_SOURCE
#include "core/rules.h"

#include "core/budget.h"

#include <errno.h>
#include <string.h>

enum { TRIES = 8, FENCES = 4 };

_Static_assert(sizeof(struct rule) == 24, "the layout of the table is shared");
_Static_assert(offsetof(struct rules, halves) == RULES_PAGE, "its head has a page to itself");
_Static_assert(sizeof(struct rules_half) % RULES_PAGE == 0, "and so have the halves");
_Static_assert(sizeof(struct rules) >> 31 == 0, "its size is known to it, in 32 bits");

uint64_t rules_sum(uint64_t sum, const struct rule *rule)
{
	uint64_t words[3];

	memmove(words, rule, sizeof words); /* cheaper to link than memcpy: see the Makefile */
	for (size_t i = 0; i < 3; i++)
		sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15u ^ sum >> 29;
	return sum;
}

bool rules_good(const struct rules *rules, size_t size)
{
	return size >= sizeof *rules && rules->magic == RULES_MAGIC
	       && rules->version == RULES_VERSION && rules->size == sizeof *rules
	       && rules_generation(rules) != RULES_GONE;
}

int rules_cores(struct rules_found found, int online)
{
	if (found.percent)
		return budget_clamp((long)online * budget_clamp(found.number, 1, 100) / 100, 1,
				    BUDGET_MAX);
	return budget_clamp(found.number, 1, BUDGET_MAX);
}

/* More is more generous. */
static int generosity(enum rule_key key, struct rules_found found, int online)
{
	switch (key) {
	case RULE_CORES:
		return rules_cores(found, online);
	case RULE_EXEMPT:
		return found.number;
	default:
		return -(int)found.number;
	}
}

static void consider(const struct rule *rule, int online, struct rules_found found[RULE_KEYS])
{
	for (int key = 0; key < RULE_KEYS; key++) {
		struct rules_found now = { .set = true,
					   .kind = rule->kind,
					   .percent = key == RULE_CORES && rule->percent,
					   .number = rule->values[key],
					   .id = rule->id };
		const struct rules_found *was = &found[key];

		if (!(rule->set & 1u << key) || (was->set && was->kind > now.kind))
			continue;
		if (!was->set || was->kind < now.kind
		    || generosity((enum rule_key)key, now, online)
			       > generosity((enum rule_key)key, *was, online))
			found[key] = now;
	}
}

static bool is_about(const struct rule *rule, const struct rules_who *who)
{
	if (rule->kind == RULE_DEFAULT)
		return true;
	if (who->stranger || rule->kind >= RULE_KINDS)
		return false;
	if (rule->kind == RULE_USER)
		return rule->id == who->uid;
	for (int i = 0; i < who->group_count; i++)
		if (who->groups[i] == rule->id)
			return true;
	return false;
}

/* One half; what it says is only true if the generation is the same afterwards. */
static int read_half(const struct rules_half *half, const struct rules_who *who, int online,
		     struct rules_found found[RULE_KEYS])
{
	uint32_t count = __atomic_load_n(&half->count, __ATOMIC_RELAXED);
	uint64_t sum = count;

	if (count > RULES_MOST)
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++) {
		struct rule rule;

		memmove(&rule, &half->rules[i], sizeof rule); /* once: it may change */
		sum = rules_sum(sum, &rule);
		if (!is_about(&rule, who))
			continue;
		if (!online && rule.percent)
			return -ENODATA;
		consider(&rule, online, found);
	}
	return sum == __atomic_load_n(&half->sum, __ATOMIC_RELAXED) ? 0 : -EINVAL;
}

static void conclude(struct rules_verdict *verdict, const struct rules_who *who, int online)
{
	const struct rules_found *found = verdict->found;

	if (found[RULE_CORES].set)
		verdict->cores = rules_cores(found[RULE_CORES], online);
	verdict->fence = -1;
	if (found[RULE_FENCE].set && found[RULE_FENCE].number < FENCES)
		verdict->fence = found[RULE_FENCE].number;
	verdict->exempt = found[RULE_EXEMPT].set && found[RULE_EXEMPT].number && !who->stranger;
	verdict->locked = found[RULE_LOCKED].set && found[RULE_LOCKED].number;
}

int rules_judge(const struct rules *rules, const struct rules_who *who, int online,
		struct rules_verdict *verdict)
{
	int error = -EAGAIN;

	for (int i = 0; i < TRIES; i++) {
		uint64_t generation = rules_generation(rules);

		memset(verdict, 0, sizeof *verdict);
		if (generation == RULES_GONE)
			return -EINVAL;
		error = read_half(&rules->halves[generation & 1], who, online, verdict->found);
		atomic_thread_fence(memory_order_acquire);
		if (rules_generation(rules) != generation) {
			error = -EAGAIN;
			continue;
		}
		verdict->generation = generation;
		conclude(verdict, who, online);
		break;
	}
	if (error)
		memset(verdict, 0, sizeof *verdict);
	return error;
}
