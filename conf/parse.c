/* SPDX-License-Identifier: MIT */
/*
 * libconfuse reads the grammar; values are noted in callbacks, because there it knows the
 * line, and afterwards no more. It has no pointer for its user: the file being parsed is
 * static here, and one file is parsed at a time.
 */
#define _GNU_SOURCE
#include "conf/text.h"
#include "core/budget.h"

#include <confuse.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct conf *conf;
	struct conf_file *file;
	enum conf_form form;
	cfg_t *root;
	bool open; /* the last section is still being read */
} reading;

static int complain(int line, const char *what)
{
	return conf_complain(reading.conf, reading.file->path, line, "%s", what);
}

/* What to write instead of what libconfuse 3.3 does not understand, by how it says so. */
static const char *remedy(const cfg_t *cfg, const char *format)
{
	static const char *const known[][2] = {
		{ "missing equal sign", "write KEY = VALUE" },
		{ "missing title", "name it: user \"alice\" { cores = 4 }" },
		{ "missing opening brace", "a section stands in braces: default { cores = 4 }" },
		{ "missing parenthesis", "write include(\"FILE\")" },
		{ "unexpected token", "write KEY = VALUE, or a section in braces" },
		{ "found duplicate title", "join the two sections" },
		{ "premature end", "finish what this line begins" },
	};

	if (!strncmp(format, "no such option", 14)) {
		if (reading.form == CONF_FORM_OWN)
			return "a user's own file takes cores alone";
		return cfg == reading.root ? "outside of sections go default, group, user, include"
					   : "a section takes cores, exempt, locked, fence";
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strncmp(format, known[i][0], strlen(known[i][0])))
			return known[i][1];
	return "see ration.conf(5)";
}

static __attribute__((nonnull(2), format(printf, 2, 0))) void
explain(cfg_t *cfg, const char *format, va_list args)
{
	char what[CONF_PROBLEM / 2];

	vsnprintf(what, sizeof what, format, args);
	conf_complain(reading.conf, reading.file->path, cfg ? cfg->line : 0, "%s; %s", what,
		      remedy(cfg, format));
}

static bool read_cores(const char *text, int line, struct conf_value *value)
{
	size_t digits = strspn(text, "0123456789");
	long number = digits < 10 ? strtol(text, NULL, 10) : BUDGET_MAX + 1;
	const char *wrong = NULL;

	value->percent = text[digits] == '%';
	value->number = (int)number;
	if (!digits || text[digits + value->percent])
		wrong = "write a whole number as 6, or a percentage as 25%";
	else if (number == 0)
		wrong = "nobody can run on none; write 1 or more, or exempt = true for no limit";
	else if (value->percent && number > 100)
		wrong = "write 1% to 100%";
	else if (number > BUDGET_MAX)
		wrong = "write 1 to 4096, or a percentage as 25%";
	if (wrong)
		conf_complain(reading.conf, reading.file->path, line, "cores = %.64s: %s", text,
			      wrong);
	return !wrong;
}

static bool read_flag(const char *name, const char *text, int line, struct conf_value *value)
{
	value->number = cfg_parse_boolean(text);
	if (value->number >= 0)
		return true;
	conf_complain(reading.conf, reading.file->path, line, "%s = %.64s: write true or false",
		      name, text);
	return false;
}

static bool read_fence(const char *text, int line, struct conf_value *value)
{
	value->number = conf_fence_parse(text);
	if (value->number >= 0)
		return true;
	conf_complain(reading.conf, reading.file->path, line,
		      "fence = %.64s: write auto, always, never or quota", text);
	return false;
}

static bool read_value(enum conf_key key, const char *text, int line, struct conf_value *value)
{
	*value = (struct conf_value){ .line = line };
	if (key == CONF_CORES)
		return read_cores(text, line, value);
	if (key == CONF_FENCE)
		return read_fence(text, line, value);
	return read_flag(conf_key_name(key), text, line, value);
}

static enum conf_kind kind_of(const char *name)
{
	if (!strcmp(name, "user"))
		return CONF_USER;
	return !strcmp(name, "group") ? CONF_GROUP : CONF_DEFAULT;
}

/*
 * The section being read: the last, if it is still open. While libconfuse reads a section,
 * the root stays at the line of its opening brace.
 */
static struct conf_section *section_of(const char *name, const char *title)
{
	struct conf *conf = reading.conf;
	struct conf_section *more, *section;

	if (reading.open)
		return &conf->sections[conf->count - 1];
	more = reallocarray(conf->sections, conf->count + 1, sizeof *more);
	if (!more)
		return NULL;
	conf->sections = more;
	section = &more[conf->count];
	*section = (struct conf_section){ .kind = kind_of(name),
					  .file = reading.file->path,
					  .line = reading.root->line };
	if (section->kind != CONF_DEFAULT) {
		section->title = strdup(title);
		if (!section->title)
			return NULL;
	}
	conf->count++;
	reading.open = true;
	return section;
}

static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct conf_section *section = section_of(cfg->name, cfg->title);
	enum conf_key key = CONF_CORES;
	struct conf_value value;

	while (key < CONF_LOCKED && strcmp(conf_key_name(key), opt->name) != 0)
		key++;
	if (!section)
		return complain(cfg->line, strerror(ENOMEM));
	if (section->values[key].line)
		return conf_complain(reading.conf, reading.file->path, cfg->line,
				     "%s is set twice; remove this, or that of line %d", opt->name,
				     section->values[key].line);
	if (!read_value(key, text, cfg->line, &value))
		return -EINVAL;
	section->values[key] = value;
	*(const char **)result = text;
	return 0;
}

static int same(const struct conf_section *one, const struct conf_section *other)
{
	return one->kind == other->kind
	       && (!one->title || !other->title || !strcmp(one->title, other->title));
}

static int close_section(cfg_t *cfg, cfg_opt_t *opt)
{
	const cfg_t *closed = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct conf_section *section = section_of(opt->name, closed->title);
	struct conf *conf = reading.conf;
	char text[256];

	(void)cfg;
	if (!section)
		return complain(cfg->line, strerror(ENOMEM));
	if (reading.form == CONF_FORM_OWN) /* one record for all that a user says of himself */
		return 0;
	reading.open = false;
	if (section->title && !*section->title)
		return complain(section->line, "a section without a name; write user \"alice\" or "
					       "group \"students\"");
	for (size_t i = 0; i + 1 < conf->count; i++)
		if (same(&conf->sections[i], section))
			return conf_complain(conf, section->file, section->line,
					     "a second section %s; join it with that of %s:%d",
					     conf_section_text(section, text, sizeof text),
					     conf->sections[i].file, conf->sections[i].line);
	return 0;
}

/* include("FILE"): read when this file is done; the order of files decides nothing. */
static int take_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	struct conf *conf = reading.conf;
	const char *path = reading.file->path, *slash = strrchr(path, '/');
	struct conf_file file = { .asker = path, .asker_line = cfg->line };

	(void)opt;
	if (conf->file_count == CONF_FILES)
		return conf_complain(conf, path, cfg->line, "more than %d files; join some of them",
				     CONF_FILES);
	if (argc == 1 && *argv[0] != '/' && slash) {
		if (asprintf(&file.path, "%.*s/%s", (int)(slash - path), path, argv[0]) < 0)
			file.path = NULL;
	} else if (argc == 1) {
		file.path = strdup(argv[0]);
	}
	if (!file.path)
		return complain(cfg->line, strerror(ENOMEM));
	conf->files[conf->file_count++] = file;
	return 0;
}

static cfg_t *new_parser(enum conf_form form)
{
	cfg_opt_t all[] = {
		CFG_STR_CB("cores", NULL, CFGF_NODEFAULT, take_value),
		CFG_STR_CB("exempt", NULL, CFGF_NODEFAULT, take_value),
		CFG_STR_CB("locked", NULL, CFGF_NODEFAULT, take_value),
		CFG_STR_CB("fence", NULL, CFGF_NODEFAULT, take_value),
		CFG_END(),
	};
	cfg_opt_t cores[] = {
		CFG_STR_CB("cores", NULL, CFGF_NODEFAULT, take_value),
		CFG_END(),
	};
	cfg_opt_t site[] = {
		CFG_SEC("default", all, CFGF_NONE),
		CFG_SEC("group", all, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_SEC("user", all, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_FUNC("include", take_include),
		CFG_END(),
	};
	cfg_opt_t own[] = {
		CFG_STR_CB("cores", NULL, CFGF_NODEFAULT, take_value),
		CFG_SEC("default", cores, CFGF_NONE),
		CFG_END(),
	};

	return cfg_init(form == CONF_FORM_SITE ? site : own, CFGF_NONE);
}

int conf_parse(struct conf *conf, struct conf_file *file, char *text, enum conf_form form)
{
	int line = 0, result = CFG_PARSE_ERROR;

	if (conf_text_check(conf, file->path, text) != 0)
		return -EINVAL;
	reading.conf = conf;
	reading.file = file;
	reading.form = form;
	reading.open = false;
	reading.root = new_parser(form);
	if (reading.root) {
		cfg_set_error_function(reading.root, explain);
		cfg_set_validate_func(reading.root, "default", close_section);
		if (form == CONF_FORM_SITE) {
			cfg_set_validate_func(reading.root, "group", close_section);
			cfg_set_validate_func(reading.root, "user", close_section);
		}
		result = cfg_parse_buf(reading.root, text);
		line = reading.root->line;
		cfg_free(reading.root);
	}
	if (result != CFG_SUCCESS) /* it says nothing of an empty name, nor of lacking memory */
		conf_complain(conf, file->path, line, "not understood; see ration.conf(5)");
	return *conf->problem ? -EINVAL : 0;
}
