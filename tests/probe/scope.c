/* SPDX-License-Identifier: MIT */
/* scope CPUS TOGETHER COMMAND [ARG]...: in a scope of ours, or say why not and end with 1. */
#include "cli/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char why[512];

	if (argc < 4)
		return 2;
	if (!scope_enter(atoi(argv[1]), atoi(argv[2]), why, sizeof why)) {
		puts(why);
		return 1;
	}
	execvp(argv[3], argv + 3);
	return 127;
}
