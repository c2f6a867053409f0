/* SPDX-License-Identifier: MIT */
/*
 * Which section holds for whom, and what a user's own file can do. Debian's groups daemon,
 * bin and sys stand for groups of the user; his name is nobody's on the machine.
 */
#define _GNU_SOURCE
#include "conf/apply.h"

#include "core/env.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char dir[] = "/tmp/ration-apply.XXXXXX", site[64], other[64], own[64];
static struct conf_budget budget;

static const char *write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
	return path;
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	sprintf(site, "%s/site", dir);
	sprintf(other, "%s/other", dir);
	sprintf(own, "%s/ration.conf", dir);
	setenv("XDG_CONFIG_HOME", dir, 1);
	unsetenv(ENV_CONF);
}

static void teardown(void)
{
	unlink(site);
	unlink(other);
	unlink(own);
	rmdir(dir);
}

static struct conf_who alice(void)
{
	static const char *const names[] = { "daemon", "bin" };
	struct conf_who who = { .uid = geteuid(), .name = strdup("alice, of the test") };

	who.groups = calloc(UNIT_COUNT(names), sizeof *who.groups);
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		ck_assert_ptr_nonnull(getgrnam(names[i]));
		who.groups[who.group_count++] = getgrnam(names[i])->gr_gid;
	}
	return who;
}

/* Read text as the site's file, named by RATION_CONF: it may belong to whoever tests. */
static void read_site(const char *text, const char *own_text)
{
	struct conf_who who = alice();

	setup();
	setenv(ENV_CONF, write_file(other, text), 1);
	if (own_text)
		write_file(own, own_text);
	conf_budget_free(&budget);
	conf_budget_read(&budget, site, &who, 16);
	conf_who_free(&who);
	teardown();
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

/* "key=value@line" of what holds, and the cores. */
static const char *holds(const char *text)
{
	static char all[256];
	char value[32];

	read_site(text, NULL);
	ck_assert_str_eq(budget.site.problem, "");
	sprintf(all, "%d", budget.cores);
	for (int key = 0; key < CONF_KEYS; key++)
		if (budget.found[key].section)
			sprintf(all + strlen(all), " %s=%s@%d", conf_key_name((enum conf_key)key),
				conf_value_text((enum conf_key)key, budget.found[key].value, value,
						sizeof value),
				budget.found[key].value.line);
	return all;
}

#define ALICE "user \"alice, of the test\" "

START_TEST(most_specific_holds)
{
	ck_assert_str_eq(holds(""), "0");
	ck_assert_str_eq(holds("default { cores = 5 }"), "5 cores=5@1");
	ck_assert_str_eq(holds("default { cores = 5 }\ngroup bin { cores = 3 }"), "3 cores=3@2");
	ck_assert_str_eq(holds("group bin { cores = 3 }\ndefault { cores = 5 }"), "3 cores=3@1");
	ck_assert_str_eq(holds(ALICE "{ cores = 9 }\ngroup bin { cores = 12 }"), "9 cores=9@1");
	ck_assert_str_eq(holds("user bob { cores = 9 }\ngroup sys { cores = 3 }"), "0");
	ck_assert_str_eq(holds("group nobody-knows { cores = 3 }"), "0");
}
END_TEST

START_TEST(each_key_by_itself)
{
	ck_assert_str_eq(holds("default { cores = 5\nlocked = true\nfence = never }\n"
			       "group bin { exempt = true }\n" ALICE "{ locked = false }"),
			 "5 cores=5@1 fence=never@3 exempt=true@4 locked=false@5");
	ck_assert(budget.exempt && !budget.locked && budget.fence == CONF_FENCE_NEVER);
	holds(ALICE "{ locked = true }");
	ck_assert(!budget.exempt && budget.locked && budget.fence == CONF_FENCE_AUTO);
}
END_TEST

START_TEST(most_generous_group_holds)
{
	ck_assert_str_eq(holds("group bin { cores = 3 }\ngroup daemon { cores = 25% }"),
			 "4 cores=25%@2");
	ck_assert_str_eq(holds("group bin { cores = 5 }\ngroup daemon { cores = 25% }"),
			 "5 cores=5@1");
	ck_assert_str_eq(holds("group bin { locked = true fence = always exempt = true }\n"
			       "group daemon { locked = false fence = quota exempt = false }"),
			 "0 fence=quota@2 exempt=true@1 locked=false@2");
}
END_TEST

START_TEST(percentages)
{
	ck_assert_int_eq(conf_cores((struct conf_value){ .number = 25, .percent = true }, 16), 4);
	ck_assert_int_eq(conf_cores((struct conf_value){ .number = 33, .percent = true }, 16), 5);
	ck_assert_int_eq(conf_cores((struct conf_value){ .number = 1, .percent = true }, 16), 1);
	ck_assert_int_eq(conf_cores((struct conf_value){ .number = 100, .percent = true }, 3), 3);
	ck_assert_int_eq(conf_cores((struct conf_value){ .number = 6 }, 2), 6);
}
END_TEST

START_TEST(own_file_only_lowers)
{
	read_site("default { cores = 5 }", "cores = 3");
	ck_assert_int_eq(budget.cores, 3);
	ck_assert_int_eq(budget.own_cores.value.line, 1);
	read_site("default { cores = 5 }", "default {\n cores = 50%\n}");
	ck_assert_int_eq(budget.cores, 5);
	ck_assert_int_eq(budget.own_cores.value.line, 2);
	read_site("", "cores = 3");
	ck_assert_int_eq(budget.cores, 3);
	read_site("default { cores = 5 }", "default { }");
	ck_assert_int_eq(budget.cores, 5);
	ck_assert_ptr_null(budget.own_cores.section);
	read_site("default { cores = 5 }", "cores = x");
	ck_assert_int_eq(budget.own_error, -EINVAL);
	ck_assert_int_eq(budget.cores, 5);
}
END_TEST

START_TEST(bad_file_is_as_if_not_there)
{
	read_site("default { cores = 5 locked = true }\nuser x {", "cores = 7");
	ck_assert_int_eq(budget.site_error, -EINVAL);
	ck_assert_ptr_nonnull(strstr(budget.site.problem, "/other:2: a '{' that is never closed"));
	ck_assert_int_eq(budget.cores, 7);
	ck_assert(!budget.locked);
}
END_TEST

static void read_both(const char *named)
{
	struct conf_who who = alice();

	if (named)
		setenv(ENV_CONF, named, 1);
	conf_budget_free(&budget);
	conf_budget_read(&budget, site, &who, 16);
	conf_who_free(&who);
}

/* The site's own file has to be root's: anyone else meets the refusal. */
START_TEST(another_site_file)
{
	setup();
	write_file(site, "default { cores = 2 }");
	write_file(other, "default { cores = 8 }");
	read_both(NULL);
	if (geteuid() != 0) {
		ck_assert_ptr_nonnull(strstr(budget.site.problem, "have root own it: chown root"));
		teardown();
		return;
	}
	ck_assert_int_eq(budget.cores, 2);
	read_both(other);
	ck_assert_int_eq(budget.cores, 8);
	ck_assert_str_eq(budget.site_path, other);
	read_both("");
	ck_assert_int_eq(budget.cores, 0);
	ck_assert_int_eq(budget.site_error, -ENOENT);
	write_file(site, "default { cores = 2 locked = true }");
	read_both(other);
	ck_assert_int_eq(budget.cores, 2);
	read_both("");
	ck_assert_int_eq(budget.cores, 2);
	ck_assert_str_eq(budget.site_path, site);
	ck_assert_int_eq(chmod(site, 0664), 0);
	unsetenv(ENV_CONF);
	read_both(NULL);
	ck_assert_ptr_nonnull(strstr(budget.site.problem, "can be written by others than root"));
	teardown();
}
END_TEST

START_TEST(where_the_own_file_is)
{
	struct conf_who who = alice();

	unsetenv(ENV_CONF);
	setenv("HOME", "/nowhere", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	conf_budget_read(&budget, "/nowhere/site", &who, 16);
	ck_assert_str_eq(budget.own_path, "/nowhere/.config/ration.conf");
	conf_budget_free(&budget);
	setenv("XDG_CONFIG_HOME", "/nowhere/config", 1);
	conf_budget_read(&budget, "/nowhere/site", &who, 16);
	ck_assert_str_eq(budget.own_path, "/nowhere/config/ration.conf");
	conf_budget_free(&budget);
	who.home = strdup("/nowhere/alice");
	conf_budget_read(&budget, "/nowhere/site", &who, 16);
	ck_assert_str_eq(budget.own_path, "/nowhere/alice/.config/ration.conf");
	conf_budget_free(&budget);
	conf_who_free(&who);
}
END_TEST

START_TEST(users_by_name)
{
	struct conf_who who;

	ck_assert_int_eq(conf_who_named(&who, "no such user"), -ENOENT);
	conf_who_free(&who);
	ck_assert_int_eq(conf_who_named(&who, "root"), 0);
	ck_assert_uint_eq(who.uid, 0);
	ck_assert_str_eq(conf_who_name(&who), "root");
	ck_assert(conf_who_meant(&who,
				 &(struct conf_section){ CONF_GROUP, .title = (char *)"root" }));
	ck_assert(
		!conf_who_meant(&who, &(struct conf_section){ CONF_USER, .title = (char *)"bin" }));
	conf_who_free(&who);
	ck_assert_int_eq(conf_who_of(&who, 4000000001u), 0);
	ck_assert_str_eq(conf_who_name(&who), "");
	conf_who_free(&who);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		most_specific_holds, each_key_by_itself,    most_generous_group_holds,
		percentages,         own_file_only_lowers,  bad_file_is_as_if_not_there,
		another_site_file,   where_the_own_file_is, users_by_name
	};

	return unit_run("apply", tests, UNIT_COUNT(tests));
}
