/* SPDX-License-Identifier: MIT */
/* From names to ids, and what becomes of a name that is not known any more. */
#define _GNU_SOURCE
#include "conf/compile.h"

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { SECTIONS = 4 };

static struct conf_section sections[SECTIONS];
static struct conf conf = { .sections = sections, .count = SECTIONS };
static int lost, kept_before;

static void count_unknown(const struct conf_section *section, bool kept, void *arg)
{
	ck_assert_ptr_eq(arg, &lost);
	ck_assert_str_eq(section->title, "no-such-one");
	lost++;
	kept_before += kept;
}

static struct rule *compile(const struct rule *was, size_t was_count, size_t *count)
{
	lost = kept_before = 0;
	return conf_compile(&conf, was, was_count, count, count_unknown, &lost);
}

static void set_up(char *last)
{
	const struct conf_section all[SECTIONS] = {
		{ .kind = CONF_DEFAULT },
		{ .kind = CONF_USER, .title = (char *)"root" },
		{ .kind = CONF_GROUP, .title = (char *)"bin" },
		{ .kind = CONF_USER, .title = last },
	};

	memcpy(sections, all, sizeof all);
	sections[0].values[CONF_CORES] = (struct conf_value){ 1, 25, true };
	sections[1].values[CONF_EXEMPT] = (struct conf_value){ 2, 1, false };
	sections[2].values[CONF_FENCE] = (struct conf_value){ 3, CONF_FENCE_NEVER, false };
	sections[3].values[CONF_CORES] = (struct conf_value){ 4, 4096, false };
}

START_TEST(names_become_ids)
{
	struct rule *rules;
	size_t count;

	set_up((char *)"daemon");
	rules = compile(NULL, 0, &count);
	ck_assert_ptr_nonnull(rules);
	ck_assert_uint_eq(count, SECTIONS);
	ck_assert_int_eq(lost, 0);
	ck_assert(rules[0].kind == RULE_DEFAULT && rules[0].set == 1 << RULE_CORES
		  && rules[0].percent == 1 && rules[0].values[RULE_CORES] == 25);
	ck_assert(rules[1].kind == RULE_USER && rules[1].id == 0 && rules[1].set == 1 << RULE_EXEMPT
		  && rules[1].values[RULE_EXEMPT] == 1);
	ck_assert(rules[2].kind == RULE_GROUP && rules[2].id == 2 && rules[2].set == 1 << RULE_FENCE
		  && rules[2].values[RULE_FENCE] == CONF_FENCE_NEVER);
	ck_assert(rules[3].id == 1 && !rules[3].percent && rules[3].values[RULE_CORES] == 4096);
	free(rules);
}
END_TEST

START_TEST(the_last_id_stays)
{
	struct rule *was, *rules;
	size_t was_count, count;

	set_up((char *)"no-such-one");
	rules = compile(NULL, 0, &count);
	ck_assert(lost == 1 && !kept_before && count == SECTIONS - 1);
	free(rules);
	set_up((char *)"daemon");
	was = compile(NULL, 0, &was_count);
	/* The directory has said another id than it does now, and then does not know it at all. */
	was[3].id = 4242;
	was[3].name = conf_compile_name("no-such-one");
	set_up((char *)"no-such-one");
	rules = compile(was, was_count, &count);
	ck_assert(lost == 1 && kept_before == 1 && count == SECTIONS);
	ck_assert_uint_eq(rules[3].id, 4242);
	free(rules);
	free(was);
}
END_TEST

/* The same name of a user and of a group are two. */
START_TEST(by_name_and_kind)
{
	struct rule was[2], *rules;
	size_t count;

	set_up((char *)"no-such-one");
	sections[0] = sections[3];
	sections[0].kind = CONF_GROUP;
	conf.count = 1;
	/* What a compilation with that name would have noted of it. */
	rules = compile(NULL, 0, &count);
	ck_assert(lost == 1 && count == 0);
	free(rules);
	memset(was, 0, sizeof was);
	was[0].kind = RULE_USER;
	was[1].kind = RULE_GROUP;
	was[0].name = was[1].name = conf_compile_name("no-such-one");
	was[0].id = 41;
	was[1].id = 42;
	rules = compile(was, 2, &count);
	ck_assert(lost == 1 && kept_before == 1 && count == 1);
	ck_assert_uint_eq(rules[0].id, 42);
	ck_assert_uint_eq(rules[0].values[RULE_CORES], 4096);
	free(rules);
	conf.count = SECTIONS;
}
END_TEST

int main(void)
{
	const TTest *tests[] = { names_become_ids, the_last_id_stays, by_name_and_kind };

	return unit_run("compile", tests, UNIT_COUNT(tests));
}
