/* SPDX-License-Identifier: MIT */
/* variables NAME...: what a program reads that is no runtime; twice, and whether that stays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *value = getenv(argv[i]), *copy = value ? strdup(value) : NULL;

		for (int j = 1; j < argc; j++)
			(void)!getenv(argv[j]);
		printf("%s=%s%s\n", argv[i], value ? value : "(unset)",
		       !value || (!strcmp(value, copy) && getenv(argv[i]) == value) ? ""
										    : " changed");
		free(copy);
	}
	/* A name of its own, as an option of a program has it. */
	printf("itself %s\n", getenv("OMP_NUM_THREADS") ? getenv("OMP_NUM_THREADS") : "(unset)");
	return 0;
}
