/* SPDX-License-Identifier: MIT */
/* A table of the test's own, in a folder of its own, and what a guest is told by it. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include "core/rules.h"

#include "cli/table-file.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TABLE_ONLINE = 16 };

static char table_dir[] = "/tmp/ration-rules.XXXXXX", table_path[64];

static inline void table_setup(void)
{
	memcpy(table_dir + strlen(table_dir) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(table_dir));
	snprintf(table_path, sizeof table_path, "%s/table", table_dir);
}

static inline void table_teardown(void)
{
	unlink(table_path);
	ck_assert_int_eq(rmdir(table_dir), 0);
}

/* As the guests of whoever tests map it. */
static inline const struct rules *table_map(void)
{
	const struct rules *rules;
	uint32_t self = geteuid();
	bool stranger;

	ck_assert_int_eq(rules_map(table_path, &self, &rules, &stranger), 0);
	ck_assert(!stranger);
	return rules;
}

static inline void table_unmap(const struct rules *rules)
{
	munmap((void *)(uintptr_t)rules, sizeof *rules);
}

static inline struct rule table_rule(enum rule_kind kind, uint32_t id, int cores)
{
	struct rule one = { .kind = (uint8_t)kind, .id = id, .set = 1 << RULE_CORES };

	one.values[RULE_CORES] = (uint16_t)cores;
	return one;
}

static inline int table_cores(const struct rules *rules, uint32_t uid)
{
	struct rules_who who = { .uid = uid };
	struct rules_verdict verdict;
	int error = rules_judge(rules, &who, TABLE_ONLINE, &verdict);

	return error ? error : verdict.cores;
}

#endif
