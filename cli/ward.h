/* SPDX-License-Identifier: MIT */
/* What a warden is (cli/warden.h), and what it does to its tasks: for cli/warden.c alone. */
#ifndef RATION_WARD_H
#define RATION_WARD_H

#include "cli/bind.h"
#include "cli/excess.h"
#include "cli/pace.h"
#include "cli/site.h"
#include "cli/tree.h"
#include "cli/warden.h"

struct warden {
	struct warden_orders orders;
	struct tree *tree;
	struct tree_sample seen;
	struct excess own, all; /* of the command; of all the user's commands */
	struct bind bind;
	struct site site;
	struct warden_story story;
	struct pace pace;
	double raised_s, moved_s;
	bool raised;
	bool urgent; /* its tasks are in it already */
	bool held;   /* by a quota of the kernel, to these cores or fewer */
};

double ward_now_s(void);

/* For tree_show: of each task that a pass comes by. */
void ward_visit(void *arg, const struct tree_task *task);

/* Until a pass finds nothing to change. */
void ward_pass(struct warden *warden);

void ward_raise(struct warden *warden, enum fence_why why);
void ward_lift(struct warden *warden);
void ward_let_out(struct warden *warden);
bool ward_move(struct warden *warden); /* whether it has been */

/* Where a pass takes long: around what is known, before it. Whether a place was found. */
bool ward_hold(struct warden *warden);

#endif
