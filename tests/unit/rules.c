/* SPDX-License-Identifier: MIT */
/*
 * The table as a guest reads it: the same answers as the configuration gives to a command, and
 * less to strangers. tests/fuzz/rules.c feeds it any bytes; tests/unit/table.c changes it.
 */
#define _GNU_SOURCE
#include "core/rules.h"

#include "conf/apply.h"
#include "tests/unit/table.h"

enum { GIDS = 6 };

/* A section with random keys, and the rule that it is compiled to. */
static void invent(uint64_t *seed, struct conf_section *section, struct rule *made)
{
	*section = (struct conf_section){ .kind = (enum conf_kind)unit_random(seed, 0, 2) };
	*made = (struct rule){ .kind = (uint8_t)section->kind,
			       .id = (uint32_t)unit_random(seed, 0, GIDS) };
	for (int key = 0; key < CONF_KEYS; key++) {
		struct conf_value value = { .line = unit_random(seed, 0, 1) };

		if (!value.line)
			continue;
		value.percent = key == CONF_CORES && unit_random(seed, 0, 1);
		value.number = key == CONF_CORES ? unit_random(seed, 1, value.percent ? 100 : 20)
						 : unit_random(seed, 0, key == CONF_FENCE ? 3 : 1);
		section->values[key] = value;
		made->set |= (uint8_t)(1 << key);
		made->percent |= value.percent;
		made->values[key] = (uint16_t)value.number;
	}
}

/* What conf/apply.c says, with sections whose names are numbers: the oracle. */
static bool meant(const struct rules_who *who, const struct rule *one)
{
	bool in = one->kind == RULE_DEFAULT || (one->kind == RULE_USER && one->id == who->uid);

	for (int i = 0; i < who->group_count && one->kind == RULE_GROUP; i++)
		in |= who->groups[i] == one->id;
	return in;
}

/* All of them are about him, as user "me", or group root. */
static void apply(struct conf_section *sections, size_t count, struct conf_found found[CONF_KEYS])
{
	struct conf_who me = { .name = "me", .groups = &(gid_t){ 0 }, .group_count = 1 };
	struct conf conf = { .sections = sections, .count = count };

	for (size_t i = 0; i < count; i++)
		sections[i].title = sections[i].kind == CONF_USER    ? (char *)"me"
				    : sections[i].kind == CONF_GROUP ? (char *)"root"
								     : NULL;
	conf_apply(&conf, &me, TABLE_ONLINE, found);
}

static void compare(const struct conf_found found[CONF_KEYS], const struct rules_verdict *verdict)
{
	for (int key = 0; key < CONF_KEYS; key++) {
		const struct rules_found *table = &verdict->found[key];

		UNIT_MUST(table->set == !!found[key].section, "key %d", key);
		UNIT_MUST(!table->set
				  || (table->number == found[key].value.number
				      && table->percent == found[key].value.percent),
			  "another value of key %d", key);
	}
}

START_TEST(says_what_the_configuration_says)
{
	struct conf_section sections[13];
	struct conf_found found[CONF_KEYS];
	struct rule made[12];
	uint64_t seed = 42;

	table_setup();
	for (int turn = 0; turn < 400; turn++) {
		uint32_t groups[3];
		struct rules_who who = { .groups = groups,
					 .uid = (uint32_t)unit_random(&seed, 0, GIDS),
					 .group_count = unit_random(&seed, 0, 3) };
		size_t count = (size_t)unit_random(&seed, 0, 12), about = 0;
		struct rules_verdict verdict;
		const struct rules *rules;

		for (int i = 0; i < who.group_count; i++)
			groups[i] = (uint32_t)unit_random(&seed, 0, GIDS);
		for (size_t i = 0; i < count; i++) {
			invent(&seed, &sections[about], &made[i]);
			about += meant(&who, &made[i]);
		}
		apply(sections, about, found);
		ck_assert_int_eq(table_file_write(table_path, made, count, 1), 0);
		rules = table_map();
		ck_assert_int_eq(rules_judge(rules, &who, TABLE_ONLINE, &verdict), 0);
		compare(found, &verdict);
		table_unmap(rules);
	}
	table_teardown();
}
END_TEST

START_TEST(a_stranger_has_the_default)
{
	struct rule made[] = { table_rule(RULE_DEFAULT, 0, 3), table_rule(RULE_USER, 0, 9),
			       table_rule(RULE_USER, 5, 7) };
	struct rules_who who = { .uid = 0 };
	struct rules_verdict verdict;
	const struct rules *rules;

	table_setup();
	made[0].set |= 1 << RULE_EXEMPT | 1 << RULE_LOCKED;
	made[0].values[RULE_EXEMPT] = made[0].values[RULE_LOCKED] = 1;
	ck_assert_int_eq(table_file_write(table_path, made, 3, 1), 0);
	rules = table_map();
	ck_assert_int_eq(rules_judge(rules, &who, TABLE_ONLINE, &verdict), 0);
	ck_assert(verdict.cores == 9 && verdict.exempt && verdict.locked);
	who.stranger = true;
	ck_assert_int_eq(rules_judge(rules, &who, TABLE_ONLINE, &verdict), 0);
	ck_assert(verdict.cores == 3 && !verdict.exempt && verdict.locked);
	table_unmap(rules);
	table_teardown();
}
END_TEST

START_TEST(percentages_and_bounds)
{
	struct rules_found found = { .set = true, .percent = true, .number = 25 };

	ck_assert_int_eq(rules_cores(found, 16), 4);
	ck_assert_int_eq(rules_cores(found, 2), 1);
	found.number = 65535;
	ck_assert_int_eq(rules_cores(found, 16), 16);
	found.percent = false;
	ck_assert_int_eq(rules_cores(found, 16), 4096);
	found.number = 0;
	ck_assert_int_eq(rules_cores(found, 16), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		says_what_the_configuration_says,
		a_stranger_has_the_default,
		percentages_and_bounds,
	};

	return unit_run("rules", tests, UNIT_COUNT(tests));
}
