/* SPDX-License-Identifier: MIT */
/*
 * teams SEED [SECOND]: a program made of the seed, of the steps of steps.c, taken by its first
 * thread, by others that it starts, and by forked children; and programs that it begins. It names
 * what is not as OpenMP says. Undisturbed, nothing is named. Prints how many times it looked.
 */
#define _GNU_SOURCE
#include "tests/fuzz/teams/teams.h"

#include "tests/fuzz/teams/steps.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_S = 40 };

static int hung;
static const char *self;

static void walk(struct walker *walker, int count);

enum { WRONG = 1, HUNG = 3 };

static int verdict(void)
{
	return hung ? HUNG : steps_wrong ? WRONG : 0;
}

/* It tells what it found by its status. */
static void await(pid_t child, const char *what)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	hung |= (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		|| (WIFEXITED(status) && WEXITSTATUS(status) == HUNG);
	steps_look(status == 0, what, status, 0);
}

static void fork_one(struct walker *walker)
{
	int steps = 1 + (int)draw(walker, 6);
	pid_t child;

	if (walker->depth > 1)
		return;
	child = fork();
	if (child != 0) {
		await(child, "a forked child");
		return;
	}
	alarm(LIMIT_S);
	walker->depth++;
	walker->random ^= 0x5bd1e995;
	walker->kept = -1; /* the threads of its parent's team are not here */
	if (teams_forgets_at_fork())
		walker->own = 0;
	steps_wrong = hung = 0;
	walk(walker, steps);
	_exit(verdict());
}

static void spawn_one(struct walker *walker, bool by_vfork)
{
	char seed[24];
	char *argv[] = { (char *)self, seed, (char *)"1", NULL };
	pid_t child = -1;

	if (walker->depth > 0)
		return;
	snprintf(seed, sizeof seed, "%u", draw(walker, 1000000));
	if (by_vfork) {
		child = vfork();
		if (child == 0) {
			execv(self, argv);
			_exit(127);
		}
	} else if (posix_spawn(&child, self, NULL, NULL, argv, environ) != 0) {
		child = -1;
	}
	if (child > 0)
		await(child, "a program begun");
}

struct job {
	struct walker walker;
	int steps;
};

static void *work(void *arg)
{
	struct job *job = arg;

	walk(&job->walker, job->steps);
	return NULL;
}

/* Workers of the program's own, one or several at once: a new thread has set nothing. */
static void threads(struct walker *walker)
{
	int count = 1 + (int)draw(walker, 3);
	struct job jobs[3];
	pthread_t ids[3];

	if (walker->depth > 1)
		return;
	for (int i = 0; i < count; i++) {
		jobs[i].walker = (struct walker){ .random = walker->random + (unsigned)i * 77,
						  .kept = -1,
						  .depth = 9 }; /* it starts nobody */
		jobs[i].steps = 1 + (int)draw(walker, 6);
		pthread_create(&ids[i], NULL, work, &jobs[i]);
	}
	for (int i = 0; i < count; i++)
		pthread_join(ids[i], NULL);
}

static void spawn_any(struct walker *walker)
{
	spawn_one(walker, draw(walker, 2));
}

/* Those that are more likely to meet what others left stand here more than once. */
static void (*const steps[])(struct walker *) = {
	step_ask,  step_team, step_share, step_share,  step_buffer,    step_buffer,     step_keep,
	step_keep, step_keep, step_set,   step_clause, step_nested,    step_constructs, step_procs,
	fork_one,  spawn_any, threads,    step_solve,  step_pass_time,
};

static void walk(struct walker *walker, int count)
{
	for (int i = 0; i < count; i++)
		steps[draw(walker, sizeof steps / sizeof *steps)](walker);
}

/* By the seed, a constructor asks, as libraries do that keep the number in a static. */
static __attribute__((constructor)) void early(int argc, char **argv)
{
	if (argc > 1 && atol(argv[1]) % 3 == 0)
		steps_number = steps_cached = omp_get_max_threads();
}

static struct walker first = { .kept = -1, .first = true };

/* For an interpreter, which takes the steps one by one: how many they are. */
int teams_begin(unsigned long seed, const char *program, void (*back)(void))
{
	self = program;
	steps_call_back = back;
	alarm(LIMIT_S);
	first.random = seed * 0x9e3779b97f4a7c15ul + 1;
	return 4 + (int)draw(&first, 16);
}

void teams_step(void)
{
	walk(&first, 1);
}

int teams_end(void)
{
	printf("%d\n", steps_looked);
	fflush(stdout);
	return verdict();
}

int main(int argc, char **argv)
{
	int steps;

	if (argc < 2)
		return 2;
	steps = teams_begin(strtoul(argv[1], NULL, 10), argv[0], NULL);
	first.depth = argc > 2 ? 9 : 0; /* one that was begun by another starts nobody */
	walk(&first, steps);
	return argc > 2 ? verdict() : teams_end();
}
