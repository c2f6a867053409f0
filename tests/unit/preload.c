/* SPDX-License-Identifier: MIT */
/* Adding and removing our line: what is there already stays, byte for byte. */
#define _GNU_SOURCE
#include "cli/preload.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ours[] = "/usr/lib/ration/libration.so";

static const char *const texts[] = {
	"",
	"/lib/a.so\n",
	"/lib/a.so",
	"/lib/a.so /lib/b.so:/lib/c.so\n\n",
	"# a comment\n/lib/a.so # another: /usr/lib/ration/libration.so\n",
	"# no end of line",
	"\n\n",
	" \t/lib/a.so\t \n \n",
	"/lib/libration.so.1\n/lib/xlibration.so\nlibration.so\n",
};

START_TEST(removing_undoes_adding)
{
	for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
		char *added = preload_add(texts[i], ours), *removed = preload_remove(added);

		ck_assert(!preload_names(texts[i], ours));
		ck_assert(preload_names(added, ours));
		ck_assert(!strncmp(added, texts[i], strlen(texts[i])));
		ck_assert_str_eq(removed, texts[i]);
		free(added);
		free(removed);
	}
}
END_TEST

START_TEST(one_among_others_goes_alone)
{
	static const char *const cases[][2] = {
		{ "/a.so /x/libration.so /b.so\n", "/a.so /b.so\n" },
		{ "/x/libration.so /b.so\n", "/b.so\n" },
		{ "/a.so /x/libration.so\n", "/a.so\n" },
		{ "/a.so:/x/libration.so:/b.so", "/a.so:/b.so" },
		{ "/x/libration.so\n/y/libration.so\n/b.so\n", "/b.so\n" },
		{ "/x/libration.so", "" },
		{ "/x/libration.so # why\n/b.so\n", "# why\n/b.so\n" },
		{ "/a.so\n/x/libration.so# why\n", "/a.so\n# why\n" },
	};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		char *removed = preload_remove(cases[i][0]);

		ck_assert_str_eq(removed, cases[i][1]);
		free(removed);
	}
}
END_TEST

/* Whatever else stands there, in whatever order: it is left. */
START_TEST(any_text_comes_back)
{
	static const char pieces[][8] = { "/a.so", " ", "\n", ":", "\t", "# x", "/b.so", "" };
	uint64_t seed = 7;

	for (int run = 0; run < 20000; run++) {
		char text[256] = "";
		char *added, *removed;

		for (int i = unit_random(&seed, 0, 12); i > 0; i--)
			strcat(text, pieces[unit_random(&seed, 0, UNIT_COUNT(pieces) - 1)]);
		added = preload_add(text, ours);
		removed = preload_remove(added);
		UNIT_MUST(preload_names(added, ours), "not named in '%s'", added);
		UNIT_MUST(!strcmp(removed, text), "'%s' became '%s'", text, removed);
		free(added);
		free(removed);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		removing_undoes_adding,
		one_among_others_goes_alone,
		any_text_comes_back,
	};

	return unit_run("preload", tests, UNIT_COUNT(tests));
}
