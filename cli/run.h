/* SPDX-License-Identifier: MIT */
/* What `ration` was asked to do, once the whole command line is understood. */
#ifndef RATION_RUN_H
#define RATION_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct run {
	int cores;               /* -n; 0: not given */
	bool report;             /* stay as the parent, and tell at the end */
	const char *report_file; /* NULL: stderr */
	int fence;               /* enum conf_fence; -1: not given */
	char **command;
	bool reaped; /* SIGCHLD was ignored: for the command it is again */
};

/* The job that the command runs in, as the shim will read it from the environment. */
struct job {
	uint64_t id; /* 0: directly under the user */
	int cores;
	int record;       /* -1: none */
	uint32_t ledger;  /* its name; 0: the user's own */
	int fence;        /* enum conf_fence, as the commands inside are told */
	bool fence_known; /* they would find the same mode themselves */
	bool scoped;      /* a quota holds it: scope.h */
	uint64_t watched; /* ident of whose fence is watched; 0: nobody's */
};

struct warden_orders;

/* Become the command, in this process; returns only to die. */
void run_exec(const struct run *run, const struct job *job) __attribute__((noreturn));

/* Run it as a child, pass signals on, and tell what happened; answers its exit status. */
int run_report(const struct run *run, struct job *job, struct warden_orders *orders);

#endif
