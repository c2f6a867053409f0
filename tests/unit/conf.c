/* SPDX-License-Identifier: MIT */
/* What a configuration says, with its lines; and each message, word for word. */
#define _GNU_SOURCE
#include "conf/conf.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct conf conf;

static const char *parse(const char *text, enum conf_form form)
{
	static char name[] = "f";
	char *copy = strdup(text);

	conf_free(&conf);
	memset(&conf, 0, sizeof conf);
	conf.files[0].path = strdup(name);
	conf.file_count = 1;
	ck_assert_int_eq(conf_parse(&conf, &conf.files[0], copy, form),
			 *conf.problem ? -EINVAL : 0);
	free(copy);
	return conf.problem;
}

/* "SECTION@LINE key=value@LINE ...;" of all that has been read. */
static const char *told(const char *text, enum conf_form form)
{
	static char all[1024];
	char piece[256], value[32];

	ck_assert_str_eq(parse(text, form), "");
	*all = '\0';
	for (size_t i = 0; i < conf.count; i++) {
		const struct conf_section *section = &conf.sections[i];

		strcat(all, conf_section_text(section, piece, sizeof piece));
		sprintf(all + strlen(all), "@%d", section->line);
		for (int key = 0; key < CONF_KEYS; key++) {
			struct conf_value found = section->values[key];

			if (found.line)
				sprintf(all + strlen(all), " %s=%s@%d",
					conf_key_name((enum conf_key)key),
					conf_value_text((enum conf_key)key, found, value,
							sizeof value),
					found.line);
		}
		strcat(all, ";");
	}
	return all;
}

START_TEST(sections_and_values)
{
	ck_assert_str_eq(told("", CONF_FORM_SITE), "");
	ck_assert_str_eq(told("# only this", CONF_FORM_SITE), "");
	ck_assert_str_eq(told("default { cores = 6 }", CONF_FORM_SITE), "default@1 cores=6@1;");
	ck_assert_str_eq(told("default\n{\n cores\n=\n25%\n}\n", CONF_FORM_SITE),
			 "default@2 cores=25%@5;");
	ck_assert_str_eq(told("group \"a b\" {}\n\nuser 'x' { exempt = yes locked = off }\n"
			      "user x2 {\n fence=never\n}",
			      CONF_FORM_SITE),
			 "group \"a b\"@1;user \"x\"@3 exempt=true@3 locked=false@3;"
			 "user \"x2\"@4 fence=never@5;");
	ck_assert_str_eq(told("user \"a\\\\b\\\"\" {} user 'a\\\\b\\'' {}", CONF_FORM_SITE),
			 "user \"a\\b\"\"@1;user \"a\\b'\"@1;");
}
END_TEST

/* libconfuse 3.3 counts the line of each comment twice; here the lines have to be right. */
START_TEST(comments_do_not_move_lines)
{
	ck_assert_str_eq(told("# a\n// b\n/* c\n d */ default # e\n{ // f\n cores /* g */ = # h\n"
			      " 3 # i\n # j\n locked = true\n}",
			      CONF_FORM_SITE),
			 "default@5 cores=3@7 locked=true@9;");
	ck_assert_str_eq(told("\xef\xbb\xbf"
			      "default {\r\n cores = 2\r\n}\r\n",
			      CONF_FORM_SITE),
			 "default@1 cores=2@2;");
	ck_assert_str_eq(told("user a//b { cores = 1 }", CONF_FORM_SITE),
			 "user \"a//b\"@1 cores=1@1;");
}
END_TEST

START_TEST(own_file)
{
	ck_assert_str_eq(told("cores = 3", CONF_FORM_OWN), "default@1 cores=3@1;");
	ck_assert_str_eq(told("\ndefault {\n cores = 50% }", CONF_FORM_OWN),
			 "default@2 cores=50%@3;");
	ck_assert_str_eq(parse("cores = 1\ndefault { cores = 2 }", CONF_FORM_OWN),
			 "f:2: cores is set twice; remove this, or that of line 1");
	ck_assert_str_eq(parse("exempt = true", CONF_FORM_OWN),
			 "f:1: no such option 'exempt'; a user's own file takes cores alone");
	ck_assert_str_eq(parse("include(\"x\")", CONF_FORM_OWN),
			 "f:1: no such option 'include'; a user's own file takes cores alone");
}
END_TEST

static const struct {
	const char *text, *problem;
} wrong[] = {
	/* names */
	{ "default {\n corse = 4\n}",
	  "f:2: no such option 'corse'; a section takes cores, exempt, locked, fence" },
	{ "\ncores = 4",
	  "f:2: no such option 'cores'; outside of sections go default, group, user, include" },
	{ "user {\n cores = 4\n}",
	  "f:1: missing title for section 'user'; name it: user \"alice\" { cores = 4 }" },
	{ "group {\n}",
	  "f:1: missing title for section 'group'; name it: user \"alice\" { cores = 4 }" },
	{ "users \"x\" { }", "f:1: no such option 'users'; outside of sections go default, group, "
			     "user, include" },
	{ "user \"\" { cores = 4 }",
	  "f:1: a section without a name; write user \"alice\" or group \"students\"" },
	{ "default \"x\" { }", "f:1: missing opening brace for section 'default'; a section "
			       "stands in braces: default { cores = 4 }" },
	{ "\"\" = 4", "f:1: not understood; see ration.conf(5)" },
	/* shape */
	{ "default {\n cores 4\n}",
	  "f:2: missing equal sign after option 'cores'; write KEY = VALUE" },
	{ "default { cores = }",
	  "f:1: unexpected token '}'; write KEY = VALUE, or a section in braces" },
	{ "= 4", "f:1: unexpected token '='; write KEY = VALUE, or a section in braces" },
	{ "default", "f:1: premature end of file; finish what this line begins" },
	{ "default {\n cores = 4\n\n",
	  "f:1: a '{' that is never closed; write '}' after the section" },
	{ "default {\n cores = 4\nuser \"x\" {\n}",
	  "f:3: a '{' inside the section that line 1 opened; close that one with '}' first" },
	{ "default { } }", "f:1: a '}' that closes nothing; remove it" },
	{ "default { cores = 4; }",
	  "f:1: ';' means nothing here; remove it, a line end is enough" },
	{ "default { cores += 4 }", "f:1: '+' means nothing here; write KEY = VALUE" },
	{ "user * { }", "f:1: '*' means nothing here; default { } is for all users" },
	{ "default|cores = 4", "f:1: '|' means nothing here; remove it" },
	{ "\"default|cores\" = 4", "f:1: a string with '|' or '='; no name may have them" },
	{ "\"user=x\" = 4", "f:1: a string with '|' or '='; no name may have them" },
	{ "\n/* c", "f:2: a comment that does not end; close it with */" },
	{ "user \"x { }", "f:1: a string that does not end; close it with \" on the same line" },
	{ "user 'x\n' { }", "f:1: a string that does not end; close it with ' on the same line" },
	{ "user \"a\\nb\" { }", "f:1: a single \\ in a string; write \\\\ for one" },
	{ "user 'a\\b' { }", "f:1: a single \\ in a string; write \\\\ for one" },
	{ "user \"${HOME}\" { }",
	  "f:1: '${' in double quotes; no variable is expanded here: write the value itself" },
	{ "default { cores = ${N} }",
	  "f:1: '${'; no variable is expanded here: write the value itself" },
	{ "default { cores = 4 \x01 }", "f:1: a control character (0x01); save it as plain text" },
	{ "include", "f:1: premature end of file; finish what this line begins" },
	{ "include \"x\"",
	  "f:1: missing parenthesis for function 'include'; write include(\"FILE\")" },
	{ "include()", "f:1: include takes one file; write include(\"FILE\")" },
	{ "include(\"a\", \"b\")", "f:1: include takes one file; write include(\"FILE\")" },
	{ "include(\n\"a\"", "f:2: include takes one file; write include(\"FILE\")" },
	/* twice */
	{ "default { cores = 4 \n cores = 5 }",
	  "f:2: cores is set twice; remove this, or that of line 1" },
	{ "default { }\ndefault { cores = 5 }",
	  "f:2: a second section default; join it with that of f:1" },
	{ "user \"x\" { cores = 1 }\nuser \"y\" { }\nuser \"x\" { cores = 2 }",
	  "f:3: found duplicate title 'x'; join the two sections" },
	{ "group \"x\" { cores = 1 }\ngroup \"x\" { }",
	  "f:2: found duplicate title 'x'; join the two sections" },
	{ "default { exempt = true exempt = true }",
	  "f:1: exempt is set twice; remove this, or that of line 1" },
	/* values */
	{ "default { cores = 0 }", "f:1: cores = 0: nobody can run on none; write 1 or more, or "
				   "exempt = true for no limit" },
	{ "default { cores = 0% }", "f:1: cores = 0%: nobody can run on none; write 1 or more, or "
				    "exempt = true for no limit" },
	{ "default { cores = 4097 }",
	  "f:1: cores = 4097: write 1 to 4096, or a percentage as 25%" },
	{ "default { cores = 99999999999999999999 }",
	  "f:1: cores = 99999999999999999999: write 1 to 4096, or a percentage as 25%" },
	{ "default { cores = 101% }", "f:1: cores = 101%: write 1% to 100%" },
	{ "default { cores = 99999999999999999999% }",
	  "f:1: cores = 99999999999999999999%: write 1% to 100%" },
	{ "default { cores = 25 % }", "f:1: a '%' by itself; write it behind the number, as 25%" },
	{ "default { cores = -3 }",
	  "f:1: cores = -3: write a whole number as 6, or a percentage as 25%" },
	{ "default { cores = 1.5 }",
	  "f:1: cores = 1.5: write a whole number as 6, or a percentage as 25%" },
	{ "default { cores = \"\" }",
	  "f:1: cores = : write a whole number as 6, or a percentage as 25%" },
	{ "default { cores = 0x10 }",
	  "f:1: cores = 0x10: write a whole number as 6, or a percentage as 25%" },
	{ "default {\n exempt = maybe }", "f:2: exempt = maybe: write true or false" },
	{ "default {\n locked = 1 }", "f:2: locked = 1: write true or false" },
	{ "default { fence = on }", "f:1: fence = on: write auto, always, never or quota" },
};

START_TEST(messages)
{
	for (size_t i = 0; i < UNIT_COUNT(wrong); i++)
		ck_assert_str_eq(parse(wrong[i].text, CONF_FORM_SITE), wrong[i].problem);
}
END_TEST

/* A string or comment left open must not leak into the next file. */
START_TEST(nothing_is_left_of_a_bad_file)
{
	for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
		parse(wrong[i].text, CONF_FORM_SITE);
		ck_assert_str_eq(told("default { cores = 6 }", CONF_FORM_SITE),
				 "default@1 cores=6@1;");
	}
}
END_TEST

START_TEST(too_many_sections)
{
	char *text = malloc(CONF_SECTIONS * 16 + 32), *at = text;

	for (int i = 0; i < CONF_SECTIONS; i++)
		at += sprintf(at, "user u%d {}\n", i);
	ck_assert_str_eq(parse(text, CONF_FORM_SITE), "");
	ck_assert_uint_eq(conf.count, CONF_SECTIONS);
	strcpy(at, "default { }");
	ck_assert_str_eq(parse(text, CONF_FORM_SITE),
			 "f:10001: more than 10000 sections; put users into groups");
	free(text);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		sections_and_values,           comments_do_not_move_lines, own_file, messages,
		nothing_is_left_of_a_bad_file, too_many_sections
	};

	return unit_run("conf", tests, UNIT_COUNT(tests));
}
