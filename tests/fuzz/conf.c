/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer for the reader of the configuration (`make fuzz-conf`; libFuzzer). Any bytes may
 * stand in a file: they are read whole or refused with one line of text, within the bounds
 * the header promises, and leave nothing behind for the next file.
 */
#define _GNU_SOURCE
#include "conf/apply.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static void check_section(const struct conf_section *section)
{
	char text[256];

	insist(section->line > 0 && (section->kind == CONF_DEFAULT) == !section->title);
	insist(*conf_section_text(section, text, sizeof text));
	for (int key = 0; key < CONF_KEYS; key++) {
		struct conf_value value = section->values[key];
		int cores = key == CONF_CORES && value.line ? conf_cores(value, 16) : 1;

		insist(cores >= 1 && cores <= 4096);
		insist(!value.line
		       || *conf_value_text((enum conf_key)key, value, text, sizeof text));
	}
}

static int parse(struct conf *conf, const char *bytes, size_t size, enum conf_form form)
{
	char *text = malloc(size + 1);
	int error;

	memset(conf, 0, sizeof *conf);
	memcpy(text, bytes, size);
	text[size] = '\0';
	conf->files[0].path = strdup("dir/file");
	conf->file_count = 1;
	error = conf_parse(conf, &conf->files[0], text, form);
	free(text);
	return error;
}

static void check(const char *bytes, size_t size, enum conf_form form)
{
	static const char good[] = "default { cores = 6 }";
	struct conf_found found[CONF_KEYS];
	struct conf_who who = { .name = strdup("root"), .home = strdup("") };
	struct conf conf;
	int error = parse(&conf, bytes, size, form);

	insist(error == 0 || error == -EINVAL);
	insist((error != 0) == (*conf.problem != '\0') && strlen(conf.problem) < CONF_PROBLEM);
	insist(!*conf.problem || !strncmp(conf.problem, "dir/file", 8));
	insist(conf.count <= CONF_SECTIONS && conf.file_count <= CONF_FILES);
	for (size_t i = 0; i < conf.count && !error; i++)
		check_section(&conf.sections[i]);
	/* Groups are looked up in the machine's own list; too slow to do it often. */
	if (!error && conf.count < 4)
		conf_apply(&conf, &who, 16, found);
	conf_free(&conf);
	insist(parse(&conf, good, strlen(good), CONF_FORM_SITE) == 0 && conf.count == 1);
	conf_free(&conf);
	conf_who_free(&who);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	check((const char *)bytes, size, CONF_FORM_SITE);
	check((const char *)bytes, size, CONF_FORM_OWN);
	return 0;
}
