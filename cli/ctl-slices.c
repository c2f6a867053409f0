/* SPDX-License-Identifier: MIT */
/*
 * rationctl slices: for the kernel to hold what the shim cannot, a CPUQuota= for the slice of
 * every user whom the site's file limits. Which files there are to be is worked out first, and
 * nothing is done if one of them is another's, or the configuration is bad.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/dropin.h"
#include "cli/machine.h"
#include "cli/say.h"
#include "conf/apply.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { EVERYBODY = -1, NO_LIMIT = 0 };

struct slice {
	long uid; /* or EVERYBODY */
	int cores;
	const char *file; /* where the configuration says so */
	int line;
};

static struct slice *slices;
static size_t count;
static struct conf_budget budget;

static const char *unit_of(long uid)
{
	static char unit[48];

	if (uid == EVERYBODY)
		return "user-.slice";
	snprintf(unit, sizeof unit, "user-%ld.slice", uid);
	return unit;
}

static const char *text_of(const struct slice *slice)
{
	static char text[2 * PATH_MAX];
	char quota[24] = "";

	if (slice->cores != NO_LIMIT)
		snprintf(quota, sizeof quota, "%d%%", 100 * slice->cores);
	snprintf(text, sizeof text, DROPIN_LINE "# %.1000s:%d\n[Slice]\nCPUQuota=%s\n", slice->file,
		 slice->line, quota);
	return text;
}

static void add(struct slice slice)
{
	struct slice *more = reallocarray(slices, count + 1, sizeof *slices);

	if (!more)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	slices = more;
	slices[count++] = slice;
}

static bool known(long uid)
{
	for (size_t i = 0; i < count; i++)
		if (slices[i].uid == uid)
			return true;
	return false;
}

/* What limits this user, or ends a limit; the most specific of the two that say so. */
static struct slice rule(const struct conf_found found[CONF_KEYS], long uid, int online)
{
	const struct conf_found *cores = &found[CONF_CORES], *free = NULL;
	struct slice slice = { .uid = uid };

	if (found[CONF_EXEMPT].section && found[CONF_EXEMPT].value.number)
		free = &found[CONF_EXEMPT];
	else if (found[CONF_FENCE].section && found[CONF_FENCE].value.number == CONF_FENCE_NEVER)
		free = &found[CONF_FENCE];
	if (!free && cores->section)
		slice.cores = conf_cores(cores->value, online);
	if (free || cores->section) {
		slice.file = (free ? free : cores)->section->file;
		slice.line = (free ? free : cores)->value.line;
	}
	return slice;
}

/* A user for whom the same holds as for everybody needs no file. */
static void add_user(const char *name, int online)
{
	struct conf_found found[CONF_KEYS];
	struct conf_who who;
	struct slice slice;

	if (conf_who_named(&who, name) == 0 && !known(who.uid)) {
		conf_apply(&budget.site, &who, online, found);
		slice = rule(found, who.uid, online);
		if (slice.file && slice.cores != (known(EVERYBODY) ? slices[0].cores : NO_LIMIT))
			add(slice);
	}
	conf_who_free(&who);
}

static void add_everybody(int online)
{
	struct conf_found found[CONF_KEYS] = { 0 };
	struct slice slice;

	for (size_t i = 0; i < budget.site.count; i++)
		for (int key = 0; key < CONF_KEYS && budget.site.sections[i].kind == CONF_DEFAULT;
		     key++)
			if (budget.site.sections[i].values[key].line)
				found[key] =
					(struct conf_found){ &budget.site.sections[i],
							     budget.site.sections[i].values[key] };
	slice = rule(found, EVERYBODY, online);
	if (slice.cores != NO_LIMIT)
		add(slice);
}

static char **names;
static size_t name_count;

static void note(const char *name)
{
	char **more = reallocarray(names, name_count + 1, sizeof *names);

	if (!more || !(more[name_count] = strdup(name)))
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	names = more;
	name_count++;
}

/*
 * By name, as members, and by their primary group, as far as the user database lists them.
 * All names first: a lookup overwrites what the one before has answered.
 */
static void note_users(void)
{
	const struct passwd *entry;
	const struct group *group;
	bool groups = false;

	for (size_t i = 0; i < budget.site.count; i++) {
		const struct conf_section *section = &budget.site.sections[i];

		if (section->kind == CONF_USER)
			note(section->title);
		if (section->kind != CONF_GROUP || !(group = getgrnam(section->title)))
			continue;
		groups = true;
		for (char **member = group->gr_mem; *member; member++)
			note(*member);
	}
	setpwent();
	while (groups && (entry = getpwent()))
		note(entry->pw_name);
	endpwent();
}

static void plan(void)
{
	int online = machine_online();
	struct conf_who who;

	if (conf_who_calling(&who) != 0)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	conf_budget_read(&budget, CONF_SITE_FILE, &who, online);
	conf_who_free(&who);
	if (budget.site_error == -EINVAL)
		die(CTL_NO, "%s", budget.site.problem);
	add_everybody(online);
	note_users();
	for (size_t i = 0; i < name_count; i++)
		add_user(names[i], online);
}

static void print(void)
{
	for (size_t i = 0; i < count; i++)
		printf("%s# %s" DROPIN_DIR "/%s.d/" DROPIN_FILE "\n%s", i ? "\n" : "",
		       ctl_orders.root, unit_of(slices[i].uid), text_of(&slices[i]));
}

/* Everything is looked at before anything is changed. */
static void check(void)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < count; i++)
		if (dropin_at(ctl_orders.root, unit_of(slices[i].uid), path, sizeof path)
		    == DROPIN_OTHERS)
			die(CTL_NO, "%s is not ours to replace; move it away", path);
}

/* What stands under the name of a unit, less ".d", and is ours: 1 if it had to go, or -errno. */
static int clear(const char *unit)
{
	char path[PATH_MAX];
	int error;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(unit, unit_of(slices[i].uid)))
			return 0;
	if (dropin_at(ctl_orders.root, unit, path, sizeof path) != DROPIN_OURS)
		return 0;
	error = dropin_remove(ctl_orders.root, unit);
	if (error)
		die(CTL_TROUBLE, "%s: %s", path, strerror(-error));
	say(stdout, "removed %s", path);
	putchar('\n');
	return 1;
}

static int clear_old(void)
{
	char unit[sizeof((struct dirent *)0)->d_name];
	const struct dirent *entry;
	int changed = 0;
	int folder = dropin_folder(ctl_orders.root);
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);

	if (!dir && folder != -ENOENT)
		die(CTL_TROUBLE, "%s" DROPIN_DIR ": %s", ctl_orders.root,
		    strerror(folder < 0 ? -folder : ENOMEM));
	while (dir && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (strncmp(entry->d_name, "user-", 5) != 0 || length < 13
		    || strcmp(entry->d_name + length - 8, ".slice.d") != 0)
			continue;
		snprintf(unit, sizeof unit, "%.*s", (int)length - 2, entry->d_name);
		changed += clear(unit);
	}
	if (dir)
		closedir(dir);
	return changed;
}

static int write_all(void)
{
	char path[PATH_MAX];
	int changed = 0;

	for (size_t i = 0; i < count; i++) {
		const char *unit = unit_of(slices[i].uid);
		int wrote = dropin_write(ctl_orders.root, unit, text_of(&slices[i]));

		dropin_at(ctl_orders.root, unit, path, sizeof path);
		if (wrote < 0)
			die(CTL_TROUBLE, "%s: %s", path, strerror(-wrote));
		say(stdout, "%s %s", wrote ? "wrote" : "kept", path);
		putchar('\n');
		changed += wrote;
	}
	return changed;
}

static int run(void)
{
	int changed = 0;

	if (ctl_orders.write && ctl_orders.remove)
		die(CTL_TROUBLE, "slices: --write or --remove, not both");
	if (!ctl_orders.root)
		ctl_orders.root = "";
	if (!ctl_orders.remove)
		plan();
	if (ctl_orders.write)
		check();
	if (ctl_orders.write)
		changed = write_all();
	if (ctl_orders.write || ctl_orders.remove)
		changed += clear_old();
	else
		print();
	if (changed && !*ctl_orders.root)
		puts("in force after: systemctl daemon-reload");
	return CTL_DONE;
}

const struct ctl_action ctl_slices = {
	.name = "slices",
	.summary = "have the kernel hold the budgets too, by CPUQuota= of systemd's user slices",
	.help = "Prints the drop-in files that follow from the site's configuration.\n",
	.options = CTL_WRITE | CTL_REMOVE | CTL_ROOT,
	.run = run,
};
