/* SPDX-License-Identifier: MIT */
/* What makes a stamp another one, and what does not. */
#define _GNU_SOURCE
#include "core/stamp.h"

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ration-stamp.XXXXXX";
static char site[64], own[64];
static struct stamp_names names;

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void set_up(void)
{
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(site, sizeof site, "%s/site", folder);
	snprintf(own, sizeof own, "%s/ration.conf", folder);
	names = (struct stamp_names){ .other = site, .config = folder };
}

static void tear_down(void)
{
	unlink(site);
	unlink(own);
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(each_change_shows)
{
	uint64_t before, now;

	set_up();
	before = stamp_read(&names);
	put(site, "a");
	now = stamp_read(&names);
	ck_assert(!stamp_same(before, now));
	ck_assert(stamp_same(now, stamp_read(&names)));
	before = now;
	put(own, "a");
	now = stamp_read(&names);
	ck_assert(!stamp_same(before, now));
	before = now;
	ck_assert_int_eq(chmod(site, 0600), 0); /* whether it is heeded depends on its mode */
	now = stamp_read(&names);
	ck_assert(!stamp_same(before, now));
	before = now;
	ck_assert_int_eq(unlink(own), 0);
	ck_assert(!stamp_same(before, stamp_read(&names)));
	tear_down();
}
END_TEST

START_TEST(names_matter)
{
	struct stamp_names none, unset;

	set_up();
	none = unset = names;
	none.other = "";
	unset.other = NULL;
	put(site, "a");
	ck_assert(!stamp_same(stamp_read(&names), stamp_read(&none)));
	ck_assert(!stamp_same(stamp_read(&unset), stamp_read(&none)));
	tear_down();
}
END_TEST

/* Who knows no home cannot tell whether the own file has changed, and does not say so. */
START_TEST(an_unknown_half_is_no_change)
{
	struct stamp_names homeless = { 0 }, relative = { .home = "x" };
	uint64_t all, some;

	set_up();
	homeless.other = relative.other = site;
	all = stamp_read(&names);
	some = stamp_read(&homeless);
	ck_assert(stamp_same(all, some));
	ck_assert(stamp_same(some, all));
	ck_assert(stamp_same(all, stamp_read(&relative)));
	ck_assert(stamp_same(all, stamp_read_site(&names)));
	put(own, "a");
	ck_assert(stamp_same(stamp_read(&names), some));
	put(site, "a");
	ck_assert(!stamp_same(stamp_read(&homeless), some));
	ck_assert(!stamp_same(stamp_read(&names), some));
	tear_down();
}
END_TEST

START_TEST(home_stands_in_for_config)
{
	struct stamp_names home;
	char path[96];
	uint64_t before;

	set_up();
	home = (struct stamp_names){ .other = site, .home = folder };
	before = stamp_read(&home);
	snprintf(path, sizeof path, "%s/.config", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	strcat(path, "/ration.conf");
	put(path, "a");
	ck_assert(!stamp_same(before, stamp_read(&home)));
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	tear_down();
}
END_TEST

START_TEST(never_zero)
{
	struct stamp_names nothing = { 0 };

	ck_assert(stamp_read(&nothing) != 0);
	ck_assert(stamp_read_site(&nothing) != 0);
	ck_assert(!stamp_same(stamp_read(&nothing), 0));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		each_change_shows,         names_matter, an_unknown_half_is_no_change,
		home_stands_in_for_config, never_zero,
	};

	return unit_run("stamp", tests, UNIT_COUNT(tests));
}
