/* SPDX-License-Identifier: MIT */
/*
 * The actions of rationctl: a file each, in a table. The exit status is the same in all of
 * them, and options that several have mean the same.
 */
#ifndef RATION_CTL_H
#define RATION_CTL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* CTL_NO: the question was answered, with no: a faulty file, no such process. */
enum { CTL_DONE = 0, CTL_NO = 1, CTL_TROUBLE = 2 };

/* Options that an action takes. */
enum {
	CTL_JSON = 1,
	CTL_USER = 2,
	CTL_FRAMES = 4,
	CTL_WRITE = 8,
	CTL_REMOVE = 16,
	CTL_PRELOAD = 256,
	CTL_LOGIN = 512,
	CTL_ROOT = 1024,
	CTL_COMMAND = 2048,
	CTL_OWN = 4096,
	CTL_TABLE = 8192,
};

struct ctl_action {
	const char *name;
	const char *operand; /* what may stand behind it; NULL: nothing */
	const char *summary;
	const char *help; /* the lines after the first two of --help, as they are */
	int options;
	int (*run)(void);
};

extern const struct ctl_action ctl_status, ctl_top, ctl_reap, ctl_check, ctl_show, ctl_why;
extern const struct ctl_action ctl_enable, ctl_disable, ctl_slices, ctl_doctor;
extern const struct ctl_action ctl_apply;

/* The command line, once it is understood. */
struct ctl_orders {
	bool json;
	const char *user; /* NULL: the caller */
	int frames;       /* 0: until told to stop */
	bool write, remove, preload, login;
	const char *root; /* NULL: the one we live in */
	bool own;
	const char *table;   /* NULL: the site's */
	const char *operand; /* NULL: none */
	char **command;      /* of CTL_COMMAND; NULL: none. There is room for a word before it */
};
extern struct ctl_orders ctl_orders;

/* The ledger that this command is about; 0: the user's own. */
uint32_t ctl_ledger_name(void);

/* Text of others, fit for a terminal: say_text (cli/say.h). */
void ctl_put_text(FILE *out, const char *text);

#endif
