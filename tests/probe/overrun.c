/* SPDX-License-Identifier: MIT */
/* overrun N: a byte is read N behind the start of eight: what AddressSanitizer is for. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	volatile char *bytes = calloc(8, 1);
	int read = bytes[argc > 1 ? atoi(argv[1]) : 0];

	printf("read %d, cpus %ld\n", read, sysconf(_SC_NPROCESSORS_ONLN));
	free((void *)bytes);
	return 0;
}
