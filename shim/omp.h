/* SPDX-License-Identifier: MIT */
/*
 * The copies of OpenMP runtimes in this process: libgomp (a wheel brings its own), and
 * LLVM's and Intel's, which are one. Programs rely on the size of a team, and on what
 * any of their threads was told of it before: so the process is told its share once, before
 * its first region or question, and never again but at a safe point (python.h, omp-users.h).
 */
#ifndef RATION_OMP_H
#define RATION_OMP_H

#include <stdbool.h>

/* This address lies in something that may be an OpenMP runtime: if it is, it is met. */
void omp_meet(const void *address);

/* LLVM's runtime sets itself up now, as the first call into it makes it do: it is met, and told. */
void omp_meet_llvm(const void *address);

/* Whether it is told its number when it is first called: it need not hear it from a variable. */
bool omp_tells(const void *address);

/* The index of the runtime that has this function; -1: it is none that we know. */
int omp_index(const void *function);

/* What the program has set for this thread, whatever we told the runtime since. */
int omp_wish(int index);

/* The same, and no more than the runtime gives a team (OMP_THREAD_LIMIT). */
int omp_wish_of_team(int index);

/* How many threads run the regions that this one is in; 1: in none. */
int omp_team(void);

/* At a safe point of a Python program: its first thread is told the share of this moment. */
void omp_tell_all(const void *frame);

/*
 * Before a fork: what has been told stays true in the child, unless all who were told ask anew. In
 * the child: the threads of its parent's teams are forgotten. frame: an address in the caller's.
 */
void omp_before_fork(const void *frame);
void omp_forked_child(void);

#endif
