/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "conf/apply.h"

#include "core/env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int conf_cores(struct conf_value value, int online)
{
	int cores = value.percent ? online * value.number / 100 : value.number;

	return cores > 0 ? cores : 1;
}

/* More is more generous. */
static int generosity(enum conf_key key, struct conf_value value, int online)
{
	switch (key) {
	case CONF_CORES:
		return conf_cores(value, online);
	case CONF_EXEMPT:
		return value.number;
	default:
		return -value.number;
	}
}

static bool replaces(enum conf_key key, const struct conf_section *section,
		     const struct conf_found *found, int online)
{
	if (!section->values[key].line)
		return false;
	if (!found->section || section->kind != found->section->kind)
		return !found->section || section->kind > found->section->kind;
	return generosity(key, section->values[key], online)
	       > generosity(key, found->value, online);
}

void conf_apply(const struct conf *conf, struct conf_who *who, int online,
		struct conf_found found[CONF_KEYS])
{
	memset(found, 0, CONF_KEYS * sizeof *found);
	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_section *section = &conf->sections[i];

		if (!conf_who_meant(who, section))
			continue;
		for (int key = 0; key < CONF_KEYS; key++)
			if (replaces(key, section, &found[key], online))
				found[key] = (struct conf_found){ section, section->values[key] };
	}
}

static void read_site(struct conf_budget *budget, const char *path, uid_t owner,
		      struct conf_who *who, int online)
{
	conf_free(&budget->site);
	memset(&budget->site, 0, sizeof budget->site);
	memset(budget->found, 0, sizeof budget->found);
	snprintf(budget->site_path, sizeof budget->site_path, "%s", path);
	budget->site_error = -ENOENT;
	if (*path)
		budget->site_error = conf_read(&budget->site, path, CONF_FORM_SITE, owner);
	if (!budget->site_error)
		conf_apply(&budget->site, who, online, budget->found);
}

/* XDG Base Directory Specification 0.8: a relative XDG_CONFIG_HOME is to be ignored. */
static void find_own(struct conf_budget *budget, const struct conf_who *who)
{
	const char *config = who->home ? NULL : secure_getenv("XDG_CONFIG_HOME");
	const char *home = who->home ? who->home : secure_getenv("HOME");
	char *path = budget->own_path;

	if (config && *config == '/')
		snprintf(path, sizeof budget->own_path, "%s/ration.conf", config);
	else if (home && *home == '/')
		snprintf(path, sizeof budget->own_path, "%s/.config/ration.conf", home);
}

static void read_own(struct conf_budget *budget, const struct conf_who *who)
{
	find_own(budget, who);
	budget->own_error = -ENOENT;
	if (!*budget->own_path)
		return;
	budget->own_error = conf_read(&budget->own, budget->own_path, CONF_FORM_OWN, who->uid);
	if (!budget->own_error && budget->own.count > 0)
		budget->own_cores = (struct conf_found){ budget->own.sections,
							 budget->own.sections->values[CONF_CORES] };
	if (!budget->own_cores.value.line)
		budget->own_cores.section = NULL;
}

/* A value of the table, as if it stood in a section of a file. */
static struct conf_found as_found(struct conf_budget *budget, struct rules_found found)
{
	struct conf_section *section = &budget->table_section;
	struct conf_value value = { .line = -1, .number = found.number, .percent = found.percent };

	section->kind = (enum conf_kind)found.kind;
	section->file = RULES_FILE;
	snprintf(budget->table_title, sizeof budget->table_title, "%u", (unsigned)found.id);
	section->title = found.kind == RULE_DEFAULT ? NULL : budget->table_title;
	return (struct conf_found){ found.set ? section : NULL, value };
}

static bool says_same(const struct conf_found *file, const struct rules_found *table)
{
	if (!file->section || !table->set)
		return !file->section && !table->set;
	return file->value.number == table->number && file->value.percent == table->percent;
}

/* What the table says goes before what stands in the file that it is made of. */
static bool read_table(struct conf_budget *budget, const struct conf_who *who, int online)
{
	struct rules_who judged = { .uid = who->uid,
				    .groups = who->groups,
				    .group_count = who->group_count };
	struct rules_verdict verdict;
	const struct rules *rules;
	int error = rules_map(RULES_FILE, NULL, &rules, &judged.stranger);

	if (!error) {
		error = rules_judge(rules, &judged, online, &verdict);
		munmap((void *)(uintptr_t)rules, sizeof *rules);
	}
	if (error)
		return false;
	budget->by_table = true;
	budget->generation = verdict.generation;
	if (!verdict.exempt)
		verdict.found[RULE_EXEMPT].number = 0;
	for (int key = 0; key < CONF_KEYS; key++)
		if (!says_same(&budget->found[key], &verdict.found[key]))
			budget->found[key] = as_found(budget, verdict.found[key]);
	return true;
}

/* In the environment of a user who is not locked. */
static void read_other(struct conf_budget *budget, struct conf_who *who, int online)
{
	const char *other = secure_getenv(ENV_CONF);

	if (!other || budget->found[CONF_LOCKED].value.number)
		return;
	budget->by_table = false;
	read_site(budget, other, geteuid(), who, online);
}

void conf_budget_read(struct conf_budget *budget, const char *site_file, struct conf_who *who,
		      int online)
{
	const struct conf_found *found = budget->found;
	int own;

	memset(budget, 0, sizeof *budget);
	read_site(budget, site_file, 0, who, online);
	if (!strcmp(site_file, CONF_SITE_FILE))
		read_table(budget, who, online);
	read_other(budget, who, online);
	read_own(budget, who);
	budget->locked = found[CONF_LOCKED].value.number;
	budget->exempt = found[CONF_EXEMPT].value.number;
	budget->fence = found[CONF_FENCE].section ? (enum conf_fence)found[CONF_FENCE].value.number
						  : CONF_FENCE_AUTO;
	if (found[CONF_CORES].section)
		budget->site_cores = conf_cores(found[CONF_CORES].value, online);
	budget->cores = budget->site_cores;
	if (!budget->own_cores.section)
		return;
	own = conf_cores(budget->own_cores.value, online);
	if (!budget->cores || own < budget->cores)
		budget->cores = own;
}

void conf_budget_free(struct conf_budget *budget)
{
	conf_free(&budget->site);
	conf_free(&budget->own);
}
