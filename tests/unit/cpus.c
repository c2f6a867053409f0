/* SPDX-License-Identifier: MIT */
/*
 * core/cpus.c: affinity on the real machine, quotas on machines made of files. cpus.c
 * reads them with open, and the open it is linked with is the one below, which looks
 * for /proc/self and /sys in a directory of the test's.
 */
#define _GNU_SOURCE
#include "core/cpus.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define V1   "/sys/fs/cgroup/cpu,cpuacct"
#define V2   "/sys/fs/cgroup"
#define OVER "20 1 0:18 / / rw - overlay overlay rw,lowerdir="

static char machine[PATH_MAX]; /* "": the real one */

int open(const char *path, int flags, ...)
{
	char elsewhere[2 * PATH_MAX];
	va_list rest;
	int mode;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, int) : 0;
	va_end(rest);
	if (!*machine || (strncmp(path, "/proc/self/", 11) != 0 && strncmp(path, "/sys/", 5) != 0))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	snprintf(elsewhere, sizeof elsewhere, "%s%s", machine, path);
	return (int)syscall(SYS_openat, AT_FDCWD, elsewhere, flags, mode);
}

static void build(void)
{
	snprintf(machine, sizeof machine, "%s/ration-unit.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(machine));
}

static int drop(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static void tear_down(void)
{
	ck_assert_int_eq(nftw(machine, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
	*machine = '\0';
}

static void put(const char *path, const char *text)
{
	char at[2 * PATH_MAX];
	FILE *file;

	snprintf(at, sizeof at, "%s%s", machine, path);
	for (char *slash = at + strlen(machine) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		ck_assert(mkdir(at, 0700) == 0 || errno == EEXIST);
	}
	file = fopen(at, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* A machine with both hierarchies, as many still are; groups and a root of the v1 mount. */
static void build_hybrid(const char *root, const char *group)
{
	char text[512];

	build();
	snprintf(text, sizeof text,
		 "12:cpuset:/other\n4:cpu,cpuacct:%s\n1:name=systemd:/x\n0::/x\n", group);
	put("/proc/self/cgroup", text);
	snprintf(text, sizeof text,
		 "21 20 0:4 / /proc rw - proc proc rw\n"
		 "30 20 0:25 %s /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
		 "31 20 0:26 %s " V1 " rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
		 "32 20 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
		 root, root);
	put("/proc/self/mountinfo", text);
}

static void build_unified(const char *root, const char *group)
{
	char text[512];

	build();
	snprintf(text, sizeof text, "0::%s\n", group);
	put("/proc/self/cgroup", text);
	snprintf(text, sizeof text,
		 "21 20 0:4 / /proc rw - proc proc rw\n"
		 "31 20 0:26 %s " V2 " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
		 root);
	put("/proc/self/mountinfo", text);
}

START_TEST(a_quota_in_whole_cpus)
{
	static const struct {
		long quota_us, period_us;
		int cpus;
	} cases[] = {
		{ 100000, 100000, 1 }, { 199999, 100000, 1 }, { 200000, 100000, 2 },
		{ 250000, 100000, 2 }, { 50000, 100000, 1 },  { 1000, 1000000, 1 },
		{ 640000, 10000, 64 }, { -1, 100000, 0 },     { 0, 0, 0 },
		{ 100000, 0, 0 },      { 100000, -5, 0 },     { LONG_MIN, LONG_MIN, 0 },
	};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		ck_assert_int_eq(cpus_of_quota(cases[i].quota_us, cases[i].period_us),
				 cases[i].cpus);
	ck_assert_int_gt(cpus_of_quota(LONG_MAX, 1), 4096);
}
END_TEST

START_TEST(the_affinity_is_obeyed)
{
	int allowed = cpus_allowed(), seen = 0;
	cpu_set_t mask, one;

	ck_assert_int_eq(cpus_online(), (int)sysconf(_SC_NPROCESSORS_ONLN));
	ck_assert_int_eq(sched_getaffinity(0, sizeof mask, &mask), 0);
	ck_assert_int_eq(allowed, CPU_COUNT(&mask));
	ck_assert_int_ge(cpus_granted(), 1);
	ck_assert_int_le(cpus_granted(), allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &mask))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
		ck_assert_int_eq(cpus_allowed(), 1);
		ck_assert_int_eq(cpus_granted(), 1);
		seen++;
	}
	ck_assert_int_eq(seen, allowed);
}
END_TEST

START_TEST(the_smallest_quota_on_the_way_up_counts)
{
	build_hybrid("/", "/user.slice/job-7");
	ck_assert_int_eq(cpus_quota(), 0);
	put(V1 "/cpu.cfs_quota_us", "-1\n");
	put(V1 "/cpu.cfs_period_us", "100000\n");
	put(V1 "/user.slice/job-7/cpu.cfs_quota_us", "600000\n");
	put(V1 "/user.slice/job-7/cpu.cfs_period_us", "100000\n");
	ck_assert_int_eq(cpus_quota(), 6);
	put(V1 "/user.slice/cpu.cfs_quota_us", "350000\n");
	put(V1 "/user.slice/cpu.cfs_period_us", "100000\n");
	ck_assert_int_eq(cpus_quota(), 3);
	put(V1 "/cpu.cfs_quota_us", "90000\n");
	ck_assert_int_eq(cpus_quota(), 1);
	ck_assert_int_eq(cpus_granted(), 1);
	put("/sys/fs/cgroup/unified/x/cpu.max", "50000 100000\n");
	ck_assert_int_eq(cpus_quota(), 1);
	tear_down();
}
END_TEST

START_TEST(so_it_is_in_a_unified_hierarchy)
{
	build_unified("/", "/user.slice/user-1000.slice/session-3.scope");
	ck_assert_int_eq(cpus_quota(), 0);
	put(V2 "/user.slice/user-1000.slice/session-3.scope/cpu.max", "max 100000\n");
	ck_assert_int_eq(cpus_quota(), 0);
	put(V2 "/user.slice/user-1000.slice/cpu.max", "450000 100000\n");
	ck_assert_int_eq(cpus_quota(), 4);
	put(V2 "/user.slice/user-1000.slice/session-3.scope/cpu.max", "200000 100000\n");
	ck_assert_int_eq(cpus_quota(), 2);
	put(V2 "/user.slice/user-1000.slice/session-3.scope/cpu.max", "max 100000\n");
	put(V2 "/user.slice/cpu.max", "max 100000\n");
	ck_assert_int_eq(cpus_quota(), 4);
	tear_down();
}
END_TEST

/* With a cgroup namespace of its own it sees "/"; without, the path from the host's root. */
START_TEST(a_container_sees_its_own_quota)
{
	build_unified("/", "/");
	put(V2 "/cpu.max", "300000 100000\n");
	ck_assert_int_eq(cpus_quota(), 3);
	tear_down();
	build_hybrid("/docker/4f2", "/docker/4f2");
	put(V1 "/cpu.cfs_quota_us", "200000\n");
	put(V1 "/cpu.cfs_period_us", "50000\n");
	ck_assert_int_eq(cpus_quota(), 4);
	tear_down();
	build_hybrid("/docker/4f2", "/docker/4f2/inner");
	put(V1 "/inner/cpu.cfs_quota_us", "200000\n");
	put(V1 "/inner/cpu.cfs_period_us", "100000\n");
	ck_assert_int_eq(cpus_quota(), 2);
	tear_down();
	build_unified("/../..",
		      "/../../host.slice"); /* mounted from outside: the top is all we know */
	put(V2 "/cpu.max", "500000 100000\n");
	ck_assert_int_eq(cpus_quota(), 5);
	tear_down();
	build_unified("/docker/4f2", "/"); /* the mount of one namespace, the path of another */
	put(V2 "/cpu.max", "800000 100000\n");
	ck_assert_int_eq(cpus_quota(), 8);
	tear_down();
}
END_TEST

/* An overlay of many layers has a line of several thousand bytes before the one we want. */
START_TEST(long_lines_are_passed_over)
{
	static const char tail[] = "\n31 20 0:26 / " V2 " rw - cgroup2 cgroup2 rw\n";
	static char text[16384];

	for (size_t length = 1900; length < 8300; length += 197) {
		build_unified("/", "/a");
		put(V2 "/a/cpu.max", "700000 100000\n");
		memset(text, 'x', sizeof text);
		memcpy(text, OVER, strlen(OVER));
		memcpy(text + length, tail, sizeof tail);
		put("/proc/self/mountinfo", text);
		ck_assert_msg(cpus_quota() == 7, "with a line of %zu bytes: %d", length,
			      cpus_quota());
		tear_down();
	}
}
END_TEST

START_TEST(what_is_strange_is_no_quota)
{
	static const char *const groups[] = { "",    "\n",       "0:\n",  "::::\n",
					      "0::", "4:cpu:\n", "\xff\n" };

	for (size_t i = 0; i < UNIT_COUNT(groups); i++) {
		build_unified("/", "/a");
		put("/proc/self/cgroup", groups[i]);
		ck_assert_int_eq(cpus_quota(), 0);
		put("/proc/self/mountinfo",
		    "\n - \n1 2 3\n- - -\n 31 - cgroup2 \n31 2 0:1 / - cgroup2 x\n");
		ck_assert_int_eq(cpus_quota(), 0);
		tear_down();
	}
	build_unified("/", "/a");
	put(V2 "/a/cpu.max", "");
	ck_assert_int_eq(cpus_quota(), 0);
	put(V2 "/a/cpu.max", "100000000000000000000000 1\n");
	ck_assert_int_ge(cpus_quota(), 0);
	ck_assert_int_ge(cpus_granted(), 1);
	tear_down();
	build(); /* no /proc, no /sys */
	ck_assert_int_eq(cpus_quota(), 0);
	ck_assert_int_ge(cpus_granted(), 1);
	tear_down();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_quota_in_whole_cpus,
		the_affinity_is_obeyed,
		the_smallest_quota_on_the_way_up_counts,
		so_it_is_in_a_unified_hierarchy,
		a_container_sees_its_own_quota,
		long_lines_are_passed_over,
		what_is_strange_is_no_quota,
	};

	return unit_run("cpus", tests, UNIT_COUNT(tests));
}
