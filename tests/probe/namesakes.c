/* SPDX-License-Identifier: MIT */
/* A program that has functions of its own by names of libc's that C does not reserve. */
long sysconf(int name);
int sched_getaffinity(int pid, unsigned long size, void *mask);
int puts(const char *text);

#define NAMESAKE(name)                            \
	long name(long a, long b, long c);        \
	long name(long a, long b, long c)         \
	{                                         \
		(void)a;                          \
		(void)b;                          \
		(void)c;                          \
		puts("somebody calls my " #name); \
		return -1;                        \
	}
NAMESAKE(open)
NAMESAKE(read)
NAMESAKE(close)
NAMESAKE(kill)
NAMESAKE(syscall)
NAMESAKE(readlink)
NAMESAKE(getpid)
NAMESAKE(nanosleep)
NAMESAKE(shmget)
NAMESAKE(clock_gettime)

int main(void)
{
	static char mask[1024];

	sched_getaffinity(0, sizeof mask, mask);
	return sysconf(84) > 0 ? 0 : 1; /* _SC_NPROCESSORS_ONLN */
}
