/* SPDX-License-Identifier: MIT */
/*
 * The configuration as it stands in its files: sections, values, and the line of each.
 * Read by commands alone, never inside a guest: libconfuse allocates, and may exit.
 * A file is taken whole or not at all; what is wrong with it is one line of text that
 * says where, what, and what to write instead.
 */
#ifndef RATION_CONF_H
#define RATION_CONF_H

#include "core/env.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CONF_SITE_FILE ENV_SITE_FILE

enum {
	CONF_FILES = 64, /* a file and all it includes */
	CONF_SECTIONS = 10000,
	CONF_BYTES = 1 << 20, /* of one file */
	CONF_PROBLEM = 1024,
};

enum conf_kind { CONF_DEFAULT, CONF_GROUP, CONF_USER };
enum conf_key { CONF_CORES, CONF_FENCE, CONF_EXEMPT, CONF_LOCKED, CONF_KEYS };
/* From the one that binds least to the one that binds most. */
enum conf_fence { CONF_FENCE_NEVER, CONF_FENCE_AUTO, CONF_FENCE_QUOTA, CONF_FENCE_ALWAYS };

/* What may stand in a file: all there is, or what a user may say of himself. */
enum conf_form { CONF_FORM_SITE, CONF_FORM_OWN };

struct conf_value {
	int line; /* 0: not set */
	int number;
	bool percent; /* of the CPUs online; cores only */
};

struct conf_section {
	enum conf_kind kind;
	char *title; /* NULL: default */
	const char *file;
	int line;
	struct conf_value values[CONF_KEYS];
};

struct conf_file {
	char *path;
	const char *asker; /* the file that includes it; NULL: nobody */
	int asker_line;
	dev_t device;
	ino_t inode;
};

struct conf {
	struct conf_section *sections;
	size_t count;
	struct conf_file files[CONF_FILES];
	int file_count;
	char problem[CONF_PROBLEM]; /* "FILE:LINE: what is wrong; what to write instead" */
};

/*
 * Read a file and what it includes. Its owner must be root or the uid given, and
 * nobody else able to write it. 0; -ENOENT: there is no such file; -EINVAL: problem
 * says why, and there are no sections. conf_free in any case.
 */
int conf_read(struct conf *conf, const char *path, enum conf_form form, uid_t owner);
void conf_free(struct conf *conf);

/* For conf_read, and its fuzzer: text is changed. 0 or -EINVAL. */
int conf_parse(struct conf *conf, struct conf_file *file, char *text, enum conf_form form);

/* Note the first thing that is wrong. line 0: the file as a whole. Answers -EINVAL. */
int conf_complain(struct conf *conf, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "auto" and so on: an enum conf_fence; -1: it is none of these. And back. */
int conf_fence_parse(const char *text);
const char *conf_fence_text(enum conf_fence fence);

const char *conf_key_name(enum conf_key key);

/* The value as it is written: "6", "25%", "true", "auto". */
const char *conf_value_text(enum conf_key key, struct conf_value value, char *text, size_t size);

/* "default", `group "x"`, `user "y"`. */
const char *conf_section_text(const struct conf_section *section, char *text, size_t size);

#endif
