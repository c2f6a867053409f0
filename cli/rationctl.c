/* SPDX-License-Identifier: MIT */
/*
 * rationctl - look at budgets and ledgers, and explain them. Here is the table of actions
 * and what they have in common; each has a file of its own.
 */
#define _GNU_SOURCE
#include "cli/ctl.h"
#include "cli/machine.h"
#include "cli/say.h"
#include "core/env.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { ACTIONS = 11 };

static const struct ctl_action *const actions[ACTIONS] = {
	&ctl_status, &ctl_top,     &ctl_reap,  &ctl_check,  &ctl_show,   &ctl_why,
	&ctl_enable, &ctl_disable, &ctl_apply, &ctl_slices, &ctl_doctor,
};

struct ctl_orders ctl_orders;

uint32_t ctl_ledger_name(void)
{
	const char *name = getenv(ENV_LEDGER);

	return name ? (uint32_t)strtoul(name, NULL, 10) : 0;
}

void ctl_put_text(FILE *out, const char *text)
{
	say_text(out, text);
}

static void help(void)
{
	puts("Usage: rationctl ACTION [OPTION]... [ARGUMENT]\n"
	     "Look at core budgets and at who holds them.\n");
	for (size_t i = 0; i < ACTIONS; i++)
		printf("  %-7s %-10s %s\n", actions[i]->name,
		       actions[i]->operand ? actions[i]->operand : "", actions[i]->summary);
	puts("\n`rationctl ACTION --help` tells more of one; --version shows the version.\n"
	     "Exit status: 0 done, 1 the answer is no (a faulty file, no such process or user),\n"
	     "2 wrong usage or trouble.");
}

static void help_action(const struct ctl_action *action)
{
	printf("Usage: rationctl %s%s%s%s%s%s%s%s%s%s\n%c%s.\n%s", action->name,
	       action->options & CTL_PRELOAD ? " [--login | --preload]" : "",
	       action->options & CTL_JSON ? " [--json]" : "",
	       action->options & CTL_USER ? " [--user=NAME]" : "",
	       action->options & CTL_FRAMES ? " [--frames=COUNT]" : "",
	       action->options & CTL_WRITE ? " [--write | --remove]" : "",
	       action->options & CTL_OWN ? " [--own | --table=TABLE]" : "",
	       action->options & CTL_ROOT ? " [--root=DIR]" : "", action->operand ? " " : "",
	       action->operand ? action->operand : "", action->summary[0] - 'a' + 'A',
	       action->summary + 1, action->help);
	if (action->options & CTL_JSON)
		puts("  --json        one JSON object; its keys are those of rationctl(1)");
	if (action->options & CTL_USER)
		puts("  --user=NAME   another user's ledger; root alone can");
	if (action->options & CTL_FRAMES)
		puts("  --frames=COUNT  stop after so many pictures");
	if (action->options & CTL_WRITE)
		puts("  --write       put them below /etc/systemd/system, and take away those\n"
		     "                that are no longer wanted\n"
		     "  --remove      take all of ours away; files of others are never touched");
	if (action->options & CTL_ROOT)
		puts("  --root=DIR    as if DIR were the root folder");
	puts("  --help        show this, and exit");
}

static int parse_frames(const char *text)
{
	char *end;
	long frames = strtol(text, &end, 10);

	if (end == text || *end || frames < 1 || frames > 1000000)
		die(CTL_TROUBLE, "--frames '%s': give a whole number from 1", text);
	return (int)frames;
}

static void take_option(int opt)
{
	switch (opt) {
	case CTL_JSON:
		ctl_orders.json = true;
		break;
	case CTL_USER:
		ctl_orders.user = optarg;
		break;
	case CTL_FRAMES:
		ctl_orders.frames = parse_frames(optarg);
		break;
	case CTL_WRITE:
		ctl_orders.write = true;
		break;
	case CTL_REMOVE:
		ctl_orders.remove = true;
		break;
	case CTL_PRELOAD:
		ctl_orders.preload = true;
		break;
	case CTL_LOGIN:
		ctl_orders.login = true;
		break;
	case CTL_ROOT:
		ctl_orders.root = optarg;
		break;
	case CTL_OWN:
		ctl_orders.own = true;
		break;
	case CTL_TABLE:
		ctl_orders.table = optarg;
		break;
	}
}

static void parse(const struct ctl_action *action, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, CTL_JSON },
		{ "user", required_argument, NULL, CTL_USER },
		{ "frames", required_argument, NULL, CTL_FRAMES },
		{ "write", no_argument, NULL, CTL_WRITE },
		{ "remove", no_argument, NULL, CTL_REMOVE },
		{ "preload", no_argument, NULL, CTL_PRELOAD },
		{ "login", no_argument, NULL, CTL_LOGIN },
		{ "root", required_argument, NULL, CTL_ROOT },
		{ "own", no_argument, NULL, CTL_OWN },
		{ "table", required_argument, NULL, CTL_TABLE },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, action->options & CTL_COMMAND ? "+:" : ":", longs,
				  NULL))
	       != -1) {
		if (opt == 'h') {
			help_action(action);
			exit(fclose(stdout) == 0 ? CTL_DONE : CTL_TROUBLE);
		}
		if (!(opt & action->options) || opt == '?' || opt == ':')
			die(CTL_TROUBLE, "%s: wrong option %s; try 'rationctl %s --help'",
			    action->name, argv[optind - 1], action->name);
		take_option(opt);
	}
	if (action->options & CTL_COMMAND) {
		ctl_orders.command = optind < argc ? argv + optind : NULL;
		return;
	}
	if (optind < argc && action->operand)
		ctl_orders.operand = argv[optind++];
	if (optind < argc)
		die(CTL_TROUBLE, "%s: '%s' is too much; try 'rationctl %s --help'", action->name,
		    argv[optind], action->name);
}

static const struct ctl_action *find(const char *name)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (!strcmp(actions[i]->name, name))
			return actions[i];
	die(CTL_TROUBLE, "no action '%s'; try 'rationctl --help'", name);
}

int main(int argc, char **argv)
{
	int status = CTL_DONE;

	machine_unshim();
	signal(SIGCHLD, SIG_DFL); /* or a child that has ended has no number that is ours */
	if (argc < 2)
		die(CTL_TROUBLE, "no action given; try 'rationctl --help'");
	if (!strcmp(argv[1], "--help")) {
		help();
	} else if (!strcmp(argv[1], "--version")) {
		puts("rationctl " RATION_VERSION);
	} else {
		const struct ctl_action *action = find(argv[1]);

		parse(action, argc - 1, argv + 1);
		status = action->run();
	}
	if (fclose(stdout) != 0)
		die(CTL_TROUBLE, "cannot write the answer: %s", strerror(errno));
	return status;
}
