/* SPDX-License-Identifier: MIT */
/*
 * Limits of the kernel, and the file each is said to come from: read from directories made
 * to look like machines with cgroup v1, v2, both, and a container.
 */
#define _GNU_SOURCE
#include "cli/machine.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ration-machine.XXXXXX";
static struct machine machine;

/* A file under root, and the folders above it. */
static void put(const char *path, const char *text)
{
	char command[1024];
	FILE *file;

	snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s%s')\"", root, path);
	ck_assert_int_eq(system(command), 0);
	snprintf(command, sizeof command, "%s%s", root, path);
	file = fopen(command, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void begin(const char *online, const char *groups, const char *mounts)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(root));
	put("/sys/devices/system/cpu/online", online);
	snprintf(path, sizeof path, "/proc/%d/cgroup", getpid());
	put(path, groups);
	put("/proc/self/mountinfo", mounts);
}

static void look(void)
{
	char command[128];

	ck_assert_int_eq(machine_read(&machine, getpid(), root), 0);
	snprintf(command, sizeof command, "rm -r '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

/* The rest of a path under root. */
static const char *under(const char *path)
{
	ck_assert_int_eq(strncmp(path, root, strlen(root)), 0);
	return path + strlen(root);
}

#define V1  "31 23 0:26 / /cg/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
#define SET "32 23 0:27 / /cg/cpuset rw,nosuid shared:9 - cgroup cgroup rw,cpuset\n"
#define V2  "33 23 0:28 / /cg/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"

START_TEST(no_groups)
{
	begin("0-7\n", "", V1 V2);
	look();
	ck_assert_int_eq(machine.online, 8);
	ck_assert_int_eq(machine.quota, 0);
	ck_assert_int_eq(machine.cpuset, 0);
	ck_assert_int_ge(machine.allowed, 1);
}
END_TEST

START_TEST(v2_least_ancestor)
{
	begin("0-15", "0::/user.slice/user-1.slice/a.scope\n", V2);
	put("/cg/unified/user.slice/user-1.slice/a.scope/cpu.max", "800000 100000\n");
	put("/cg/unified/user.slice/user-1.slice/cpu.max", "250000 100000\n");
	put("/cg/unified/user.slice/cpu.max", "max 100000\n");
	put("/cg/unified/user.slice/user-1.slice/a.scope/cpuset.cpus.effective", "0-3,8\n");
	look();
	ck_assert_int_eq(machine.quota, 2);
	ck_assert_double_eq_tol(machine.quota_exact, 2.5, 0.001);
	ck_assert_str_eq(under(machine.quota_at), "/cg/unified/user.slice/user-1.slice/cpu.max");
	ck_assert_int_eq(machine.cpuset, 5);
	ck_assert_str_eq(under(machine.cpuset_at),
			 "/cg/unified/user.slice/user-1.slice/a.scope/cpuset.cpus.effective");
}
END_TEST

START_TEST(v1_and_hybrid)
{
	begin("0-3", "5:cpuset:/set\n4:cpu,cpuacct:/a/b\n0::/c\n", V1 SET V2);
	put("/cg/cpu/a/b/cpu.cfs_quota_us", "-1\n");
	put("/cg/cpu/a/b/cpu.cfs_period_us", "100000\n");
	put("/cg/cpu/a/cpu.cfs_quota_us", "50000\n");
	put("/cg/cpu/a/cpu.cfs_period_us", "100000\n");
	put("/cg/unified/c/cpu.max", "300000 100000\n");
	put("/cg/cpuset/set/cpuset.effective_cpus", "2\n");
	look();
	ck_assert_int_eq(machine.quota, 1);
	ck_assert_double_eq_tol(machine.quota_exact, 0.5, 0.001);
	ck_assert_str_eq(under(machine.quota_at), "/cg/cpu/a/cpu.cfs_quota_us");
	ck_assert_int_eq(machine.cpuset, 1);
	ck_assert_str_eq(under(machine.cpuset_at), "/cg/cpuset/set/cpuset.effective_cpus");
}
END_TEST

/* Without a cgroup namespace the path is the host's, and the mount shows its lower part. */
START_TEST(container)
{
	begin("0-3", "0::/docker/4f2/app\n",
	      "33 23 0:28 /docker/4f2 /cg rw - cgroup2 cgroup2 rw\n");
	put("/cg/app/cpu.max", "max 100000\n");
	put("/cg/cpu.max", "150000 100000\n");
	look();
	ck_assert_int_eq(machine.quota, 1);
	ck_assert_str_eq(under(machine.quota_at), "/cg/cpu.max");
}
END_TEST

START_TEST(garbage)
{
	begin("zero", "nonsense\n::\n0::\n7:cpuset\n", "33 23\n - cgroup2\n" V2);
	put("/cg/unified/cpu.max", "many few\n");
	put("/cg/unified/cpuset.cpus.effective", "all\n");
	look();
	ck_assert_int_eq(machine.quota, 0);
	ck_assert_int_eq(machine.cpuset, 0);
	ck_assert_int_ge(machine.online, 1);
	ck_assert_int_eq(machine_read(&machine, 1 << 22, ""), -ESRCH);
}
END_TEST

START_TEST(lists)
{
	ck_assert_int_eq(machine_count("0"), 1);
	ck_assert_int_eq(machine_count("0-3,8-11,15\n"), 9);
	ck_assert_int_eq(machine_count(""), 0);
	ck_assert_int_eq(machine_count("3-1"), 0);
	ck_assert_int_eq(machine_count("0-99999"), 0);
	ck_assert_int_eq(machine_count("0-3 x"), 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { no_groups, v2_least_ancestor, v1_and_hybrid,
				 container, garbage,           lists };

	return unit_run("machine", tests, UNIT_COUNT(tests));
}
