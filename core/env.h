/* SPDX-License-Identifier: MIT */
/*
 * Every environment variable of ours, once. Those without an underscore are for
 * people and stand in ration(7); those with one pass from the wrapper to the
 * shim and may change with any version.
 */
#ifndef RATION_ENV_H
#define RATION_ENV_H

#define ENV_CORES  "RATION_CORES"  /* cores of this command: as `ration -n` */
#define ENV_OFF    "RATION_OFF"    /* "1": the shim is inert, the wrapper only runs the command */
#define ENV_DEBUG  "RATION_DEBUG"  /* "1": the shim says what it does, a line each, on stderr */
#define ENV_CONF   "RATION_CONF"   /* another site file than /etc/ration.conf; "": none */
#define ENV_SELF   "_RATION_SELF"  /* "1": set by a command of ours in itself: the shim is inert */
#define ENV_JOB    "_RATION_JOB"   /* ID:CORES:RECORD, hexadecimal, decimal, decimal (-1: none) */
#define ENV_FENCE  "_RATION_FENCE" /* MODE:ID of the command whose fence is watched, decimal, hex */
#define ENV_LEDGER "_RATION_LEDGER" /* a number: another ledger than the user's own (tests) */
#define ENV_TABLE  "_RATION_TABLE"  /* the site's table, where there is no other (tests) */

/* The configuration of the site; RATION_CONF can name another. */
#define ENV_SITE_FILE "/etc/ration.conf"

#endif
