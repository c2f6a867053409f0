/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/table.h"

#include "cli/say.h"
#include "cli/table-file.h"
#include "conf/compile.h"
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Beside nothing of others, and gone with a restart. */
#define LOCK_FILE "/run/ration.lock"

static struct rule before[RULES_MOST];

static bool take(int fd, int wait_ms)
{
	for (; flock(fd, LOCK_EX | LOCK_NB) != 0; wait_ms -= 50) {
		if (wait_ms <= 0)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	return true;
}

bool table_lock(int wait_ms, char *problem, size_t size)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat stat;

	/* A lock that others can open is one that they can take, and keep. */
	if (fd < 0 || fstat(fd, &stat) != 0)
		snprintf(problem, size, LOCK_FILE ": %s", strerror(errno));
	else if (!S_ISREG(stat.st_mode) || stat.st_uid != 0 || (stat.st_mode & 077))
		snprintf(problem, size, LOCK_FILE ": is not root's alone; remove it");
	else if (!take(fd, wait_ms))
		snprintf(problem, size, "another rationctl is at it; wait for it to end");
	else
		return true; /* and kept open */
	return false;
}

static void tell_unknown(const struct conf_section *section, bool kept, void *arg)
{
	const char *kind = section->kind == CONF_USER ? "user" : "group";

	(void)arg;
	if (kept)
		warn("%s:%d: there is no %s \"%s\" now; the id that it had stays", section->file,
		     section->line, kind, section->title);
	else
		warn("%s:%d: there is no %s \"%s\" here; it limits nobody", section->file,
		     section->line, kind, section->title);
}

static void ignore_unknown(const struct conf_section *section, bool kept, void *arg)
{
	(void)section;
	(void)kept;
	(void)arg;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t changed_ns(const struct stat *stat)
{
	return (uint64_t)stat->st_ctim.tv_sec * 1000000000u + (uint64_t)stat->st_ctim.tv_nsec;
}

bool table_private(const struct conf *conf)
{
	struct stat stat_of;

	for (int i = 0; i < conf->file_count; i++)
		if (stat(conf->files[i].path, &stat_of) == 0 && !(stat_of.st_mode & 04))
			return true;
	return false;
}

static bool is_newer(const struct conf *conf, uint64_t read_ns)
{
	struct stat stat_of;

	for (int i = 0; i < conf->file_count; i++)
		if (stat(conf->files[i].path, &stat_of) == 0 && changed_ns(&stat_of) > read_ns)
			return true;
	return false;
}

static int write_table(const struct table_orders *orders, const struct conf *conf, uint64_t read_ns,
		       struct table_done *done)
{
	uint64_t was_ns;
	int was = table_file_read(orders->table, before, &was_ns), error = 0;
	struct rule *rules = conf_compile(conf, before, was > 0 ? (size_t)was : 0, &done->rules,
					  tell_unknown, NULL);

	if (!rules)
		return -ENOMEM;
	done->created = was == -ENOENT;
	done->changed = was < 0 || (size_t)was != done->rules
			|| memcmp(before, rules, done->rules * sizeof *rules) != 0;
	/* That it says the same as newer files is told by its time. */
	if (!orders->try && (done->changed || is_newer(conf, was_ns)))
		error = table_file_write(orders->table, rules, done->rules, read_ns);
	free(rules);
	return error;
}

int table_apply(const struct table_orders *orders, struct table_done *done)
{
	uint64_t read_ns = now_ns();
	struct conf conf;
	int error = conf_read(&conf, orders->conf, CONF_FORM_SITE, geteuid());

	*done = (struct table_done){ .there = error != -ENOENT };
	if (error == -ENOENT)
		error = 0;
	if (error) {
		snprintf(done->problem, sizeof done->problem, "%s", conf.problem);
	} else {
		done->private = table_private(&conf);
		error = write_table(orders, &conf, read_ns, done);
		if (error)
			snprintf(done->problem, sizeof done->problem, "%s: %s", orders->table,
				 strerror(-error));
	}
	conf_free(&conf);
	return error;
}

int table_remove(const char *path)
{
	return table_file_remove(path);
}

/* Changed since: all that can be told of files that the caller may not read. */
static enum table_state by_time(uint64_t read_ns)
{
	struct stat stat_of;

	if (stat(CONF_SITE_FILE, &stat_of) != 0)
		return TABLE_CURRENT;
	return changed_ns(&stat_of) > read_ns ? TABLE_OLD : TABLE_CURRENT;
}

enum table_state table_state(void)
{
	uint64_t read_ns;
	int was = table_file_read(RULES_FILE, before, &read_ns), error;
	enum table_state state = TABLE_CURRENT;
	struct rule *rules;
	struct conf conf;
	size_t count;

	if (was < 0)
		return was == -ENOENT ? TABLE_NONE : TABLE_BAD;
	error = conf_read(&conf, CONF_SITE_FILE, CONF_FORM_SITE, 0);
	rules = conf_compile(&conf, before, (size_t)was, &count, ignore_unknown, NULL);
	if (error == -EINVAL)
		state = by_time(read_ns);
	else if (rules && ((size_t)was != count || memcmp(before, rules, count * sizeof *rules)))
		state = TABLE_OLD;
	free(rules);
	conf_free(&conf);
	return state;
}

const char *table_state_text(enum table_state state)
{
	switch (state) {
	case TABLE_CURRENT:
		return RULES_FILE ": says what " CONF_SITE_FILE " says";
	case TABLE_OLD:
		return RULES_FILE ": older than " CONF_SITE_FILE "; have root run: rationctl apply";
	case TABLE_BAD:
		return RULES_FILE ": not heeded, as it is damaged, of another version, or not "
				  "root's; have root run: rationctl apply";
	default:
		return "";
	}
}
