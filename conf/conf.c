/* SPDX-License-Identifier: MIT */
/* The files, one after the other; and what their content looks like when it is told. */
#define _GNU_SOURCE
#include "conf/conf.h"

#include "conf/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int conf_complain(struct conf *conf, const char *file, int line, const char *format, ...)
{
	char *at = conf->problem, *end = at + sizeof conf->problem;
	va_list args;

	if (*at)
		return -EINVAL;
	if (line > 0)
		snprintf(at, sizeof conf->problem, "%.512s:%d: ", file, line);
	else
		snprintf(at, sizeof conf->problem, "%.512s: ", file);
	at += strlen(at);
	va_start(args, format);
	vsnprintf(at, (size_t)(end - at), format, args);
	va_end(args);
	return -EINVAL;
}

const char *conf_key_name(enum conf_key key)
{
	static const char *const names[] = { [CONF_CORES] = "cores",
					     [CONF_FENCE] = "fence",
					     [CONF_EXEMPT] = "exempt",
					     [CONF_LOCKED] = "locked" };

	return names[key];
}

static const char *const fences[] = { [CONF_FENCE_NEVER] = "never",
				      [CONF_FENCE_AUTO] = "auto",
				      [CONF_FENCE_QUOTA] = "quota",
				      [CONF_FENCE_ALWAYS] = "always" };

int conf_fence_parse(const char *text)
{
	for (int i = 0; i <= CONF_FENCE_ALWAYS; i++)
		if (!strcmp(text, fences[i]))
			return i;
	return -1;
}

const char *conf_fence_text(enum conf_fence fence)
{
	return fence <= CONF_FENCE_ALWAYS ? fences[fence] : "?";
}

const char *conf_value_text(enum conf_key key, struct conf_value value, char *text, size_t size)
{
	if (key == CONF_CORES)
		snprintf(text, size, "%d%s", value.number, value.percent ? "%" : "");
	else if (key == CONF_FENCE)
		snprintf(text, size, "%s", conf_fence_text((enum conf_fence)value.number));
	else
		snprintf(text, size, "%s", value.number ? "true" : "false");
	return text;
}

const char *conf_section_text(const struct conf_section *section, char *text, size_t size)
{
	if (section->kind == CONF_DEFAULT)
		snprintf(text, size, "default");
	else
		snprintf(text, size, "%s \"%.128s\"", section->kind == CONF_USER ? "user" : "group",
			 section->title);
	return text;
}

/* Each file once: what includes itself, by whatever way, ends here. */
static int check_new(struct conf *conf, int index)
{
	const struct conf_file *file = &conf->files[index];

	for (int i = 0; i < index; i++)
		if (conf->files[i].device == file->device && conf->files[i].inode == file->inode)
			return conf_complain(conf, file->asker, file->asker_line,
					     "%s has been read already; remove this include",
					     file->path);
	return 0;
}

static int read_file(struct conf *conf, int index, enum conf_form form, uid_t owner)
{
	struct conf_file *file = &conf->files[index];
	bool missing = false;
	char *text = conf_text_read(conf, file, owner, &missing);
	int error = -EINVAL;

	if (text && check_new(conf, index) == 0)
		error = conf_parse(conf, file, text, form);
	free(text);
	if (missing && index > 0)
		conf_complain(conf, file->asker, file->asker_line,
			      "there is no file %s; correct the name, or remove this include",
			      file->path);
	return missing && index == 0 ? -ENOENT : error;
}

static void free_sections(struct conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		free(conf->sections[i].title);
	free(conf->sections);
	conf->sections = NULL;
	conf->count = 0;
}

int conf_read(struct conf *conf, const char *path, enum conf_form form, uid_t owner)
{
	int error = 0;

	memset(conf, 0, sizeof *conf);
	conf->files[0].path = strdup(path);
	if (!conf->files[0].path)
		return conf_complain(conf, path, 0, "%s", strerror(errno));
	conf->file_count = 1;
	for (int i = 0; i < conf->file_count && !error; i++)
		error = read_file(conf, i, form, owner);
	if (error)
		free_sections(conf);
	return error;
}

void conf_free(struct conf *conf)
{
	free_sections(conf);
	for (int i = 0; i < conf->file_count; i++)
		free(conf->files[i].path);
	conf->file_count = 0;
}
