/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The environment for busctl: not our shim, nor what others preload; and the way to the bus. */
static char **surroundings(char *runtime)
{
	extern char **environ;
	size_t count = 0, kept = 0;
	char **list;

	while (environ[count])
		count++;
	list = calloc(count + 2, sizeof *list);
	for (size_t i = 0; list && i < count; i++)
		if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0
		    && strncmp(environ[i], "XDG_RUNTIME_DIR=", 16) != 0
		    && strncmp(environ[i], "DBUS_SESSION_BUS_ADDRESS=", 25) != 0)
			list[kept++] = environ[i];
	if (list)
		list[kept] = runtime;
	return list;
}

int bus_call(const char *const *args, char *said, size_t size)
{
	char runtime[64], **env;
	posix_spawn_file_actions_t files;
	int ends[2], status = -1;
	size_t filled = 0;
	ssize_t got;
	pid_t child;

	said[0] = '\0';
	snprintf(runtime, sizeof runtime, "XDG_RUNTIME_DIR=/run/user/%u", (unsigned)getuid());
	env = surroundings(runtime);
	if (!env || pipe2(ends, O_CLOEXEC) != 0) {
		free(env);
		return -errno;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, ends[1], 1);
	posix_spawn_file_actions_adddup2(&files, ends[1], 2);
	status = posix_spawnp(&child, args[0], &files, NULL, (char *const *)args, env);
	posix_spawn_file_actions_destroy(&files);
	free(env);
	close(ends[1]);
	while (!status && (got = read(ends[0], said + filled, size - 1 - filled)) > 0)
		filled += (size_t)got;
	close(ends[0]);
	said[filled] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (status) {
		snprintf(said, size, "%s: %s", args[0], strerror(status));
		return -status;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}
