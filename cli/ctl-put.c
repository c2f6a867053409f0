/* SPDX-License-Identifier: MIT */
/*
 * A view as a table: WHAT VALUE FROM, a line each, in columns. A value never has a space; '-'
 * stands for none. Scripts may go by the first word of a line.
 */
#define _GNU_SOURCE
#include "cli/ctl-view.h"
#include "cli/ctl.h"
#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *view_limit_name(enum view_limit limit)
{
	static const char *const names[] = {
		[VIEW_VARIABLE] = "variable", [VIEW_OWN] = "own",         [VIEW_SITE] = "site",
		[VIEW_SLURM] = "slurm",       [VIEW_QUOTA] = "quota",     [VIEW_CPUSET] = "cpuset",
		[VIEW_AFFINITY] = "affinity", [VIEW_MACHINE] = "machine", [VIEW_JOB] = "job",
	};

	return limit < VIEW_LIMITS ? names[limit] : "start";
}

void view_put(const char *what, const char *value, const char *format, ...)
{
	va_list args;
	char *from;

	va_start(args, format);
	if (vasprintf(&from, format, args) < 0)
		from = NULL;
	va_end(args);
	say(stdout, "%-9s %-6s ", what, value);
	ctl_put_text(stdout, from ? from : "");
	putchar('\n');
	free(from);
}

void view_put_limits(const struct view *view)
{
	static const enum view_limit order[] = { VIEW_MACHINE, VIEW_CPUSET,   VIEW_AFFINITY,
						 VIEW_QUOTA,   VIEW_SLURM,    VIEW_SITE,
						 VIEW_OWN,     VIEW_VARIABLE, VIEW_JOB };
	char value[16];

	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		int cores = view->cores[order[i]];

		snprintf(value, sizeof value, "%d", cores);
		view_put(view_limit_name(order[i]), cores ? value : "-", "%s",
			 view->from[order[i]]);
	}
}

void view_put_keys(const struct view *view)
{
	char value[32], section[256];

	for (int key = CONF_FENCE; key < CONF_KEYS; key++) {
		const struct conf_found *found = &view->budget.found[key];
		struct conf_value none = { .number = key == CONF_FENCE ? CONF_FENCE_AUTO : 0 };

		conf_value_text((enum conf_key)key, found->section ? found->value : none, value,
				sizeof value);
		if (found->section && found->value.line < 0)
			view_put(conf_key_name((enum conf_key)key), value, "%s, %s",
				 found->section->file,
				 conf_section_text(found->section, section, sizeof section));
		else if (found->section)
			view_put(conf_key_name((enum conf_key)key), value, "%s:%d, %s",
				 found->section->file, found->value.line,
				 conf_section_text(found->section, section, sizeof section));
		else
			view_put(conf_key_name((enum conf_key)key), value, "unless configured");
	}
}
