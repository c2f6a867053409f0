/* SPDX-License-Identifier: MIT */
/* The rules are in the header. The user database is asked through libc, as conf/who.c does. */
#define _GNU_SOURCE
#include "conf/compile.h"

#include "conf/who.h"
#include "core/cpus.h"

#include <stdlib.h>
#include <string.h>

/* The numbers are the same in both, and every section has a rule. */
_Static_assert((int)CONF_DEFAULT == RULE_DEFAULT && (int)CONF_GROUP == RULE_GROUP
		       && (int)CONF_USER == RULE_USER,
	       "kinds");
_Static_assert((int)CONF_CORES == RULE_CORES && (int)CONF_FENCE == RULE_FENCE
		       && (int)CONF_EXEMPT == RULE_EXEMPT && (int)CONF_LOCKED == RULE_LOCKED
		       && (int)CONF_KEYS == RULE_KEYS,
	       "keys");
_Static_assert((int)CONF_SECTIONS <= RULES_MOST, "sections");

uint64_t conf_compile_name(const char *title)
{
	return cpus_name(CPUS_NAMELESS, title, strlen(title));
}

static struct rule rule_of(const struct conf_section *section)
{
	struct rule rule = { .name = conf_compile_name(section->title ? section->title : ""),
			     .kind = (uint8_t)section->kind };

	for (int key = 0; key < CONF_KEYS; key++) {
		struct conf_value value = section->values[key];

		if (!value.line)
			continue;
		rule.set |= (uint8_t)(1u << key);
		rule.values[key] = (uint16_t)value.number;
		rule.percent |= key == CONF_CORES && value.percent;
	}
	return rule;
}

static bool find_id(struct rule *rule, const struct rule *was, size_t was_count)
{
	for (size_t i = 0; i < was_count; i++)
		if (was[i].kind == rule->kind && was[i].name == rule->name) {
			rule->id = was[i].id;
			return true;
		}
	return false;
}

struct rule *conf_compile(const struct conf *conf, const struct rule *was, size_t was_count,
			  size_t *count, conf_unknown *unknown, void *arg)
{
	struct rule *rules = calloc(conf->count + 1, sizeof *rules);

	*count = 0;
	for (size_t i = 0; rules && i < conf->count; i++) {
		const struct conf_section *section = &conf->sections[i];
		struct rule rule = rule_of(section);
		bool known = conf_who_id(section, &rule.id);

		if (!known) {
			known = find_id(&rule, was, was_count);
			unknown(section, known, arg);
		}
		if (known)
			rules[(*count)++] = rule;
	}
	return rules;
}
