/* SPDX-License-Identifier: MIT */
/* cli/topology.c and cli/stat.c on the files of a machine that is not here: 2 nodes, 8 CPUs. */
#define _GNU_SOURCE
#include "cli/topology.h"

#include "cli/stat.h"
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char root[] = "/tmp/ration-topology.XXXXXX";

static void put(const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *out;

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	out = fopen(full, "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static void begin(void)
{
	char path[128], siblings[16];

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (int cpu = 0; cpu < 8; cpu++) {
		snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", cpu,
			 "thread_siblings_list");
		snprintf(siblings, sizeof siblings, "%d,%d\n", cpu % 4, cpu % 4 + 4);
		put(path, siblings);
		snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/node%d/x", cpu, cpu % 2);
		put(path, "");
	}
}

static void end(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof command, "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(nodes_and_cores_are_read)
{
	struct mask base = { { 0xfe } }; /* not CPU 0 */
	struct topology topology;

	begin();
	ck_assert_int_eq(topology_open(&topology, &base, root), 0);
	ck_assert_int_eq(topology.count, 7);
	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(topology.cpus[i].number, i + 1);
		ck_assert_int_eq(topology.cpus[i].node, (i + 1) % 2);
		ck_assert_int_eq(topology.cpus[i].core, (i + 1) % 4);
	}
	topology_close(&topology);
	end();
}
END_TEST

START_TEST(load_is_what_others_did_since_the_last_look)
{
	struct mask base = { { 0x7 } };
	struct topology topology;

	begin();
	put("/proc/stat", "cpu  1 2 3 4\ncpu0 100 0 0 900 0 0 0 0\ncpu1 100 0 0 900 0 0 0 0\n"
			  "cpu2 100 0 0 900 0 0 0 0\nintr 5\n");
	ck_assert_int_eq(topology_open(&topology, &base, root), 0);
	ck_assert(topology.cpus[0].load <= 0);
	/* In a second: half of CPU 0, all of 1 and 2; half of 1 was ours. */
	put("/proc/stat", "cpu0 120 10 20 940 10 0 0 0\ncpu1 200 0 0 900 0 0 0 0\n"
			  "cpu2 150 0 0 900 0 0 0 50\n");
	topology_note(&topology, 1, 0.3);
	topology_note(&topology, 1, 0.2);
	topology_note(&topology, 77, 5);
	topology_look(&topology, root, NULL);
	ck_assert_double_eq_tol(topology.cpus[0].load, 0.5, 0.001);
	ck_assert_double_eq_tol(topology.cpus[1].load, 0.5, 0.001);
	ck_assert_double_eq_tol(topology.cpus[2].load, 1, 0.001);
	/* 30 ms later it is as it was, and nothing is lost. */
	put("/proc/stat", "cpu0 123 10 20 940 10 0 0 0\n");
	topology_look(&topology, root, NULL);
	ck_assert_double_eq_tol(topology.cpus[0].load, 0.5, 0.001);
	/* Inside a fence around 1 and 2 the kernel has named one; it was both. */
	put("/proc/stat", "cpu0 125 10 20 1035 10 0 0 0\ncpu1 300 0 0 900 0 0 0 0\n"
			  "cpu2 250 0 0 900 0 0 0 50\n");
	base.bits[0] = 0x6;
	topology_note(&topology, 2, 1);
	topology_look(&topology, root, &base);
	ck_assert_double_eq_tol(topology.cpus[0].load, 0.05, 0.001);
	ck_assert_double_eq_tol(topology.cpus[1].load, 0.5, 0.001);
	ck_assert_double_eq_tol(topology.cpus[2].load, 0.5, 0.001);
	topology_close(&topology);
	end();
}
END_TEST

START_TEST(a_machine_that_says_nothing)
{
	struct mask base = { { 0xf } };
	struct choose_choice choice;
	struct topology topology;

	ck_assert_int_eq(topology_open(&topology, &base, "/nonexistent"), 0);
	ck_assert_int_eq(choose_cpus(topology.cpus, topology.count, 2, 1, &choice), 0);
	ck_assert_int_eq(mask_count(&choice.mask), 2);
	topology_close(&topology);
}
END_TEST

START_TEST(stat_lines_are_told_from_others)
{
	struct stat_line line;

	ck_assert(stat_parse("42 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 150 50 15 16 17 18 4242 20 21 "
			     "22 23 24 25 26 27 28 29 30 31 32 33 34 35 7 37 38 39\n",
			     &line));
	ck_assert_int_eq(line.state, 'R');
	ck_assert_uint_eq(line.began, 4242);
	ck_assert_uint_eq(line.reaped_ns, 2000000000);
	ck_assert_int_eq(line.cpu, 7);
	ck_assert(!stat_parse("", &line));
	ck_assert(!stat_parse("42 (a) R 1 2 3\n", &line));
	ck_assert(!stat_parse("no brackets R 1 2 3 4\n", &line));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		nodes_and_cores_are_read,
		load_is_what_others_did_since_the_last_look,
		a_machine_that_says_nothing,
		stat_lines_are_told_from_others,
	};

	return unit_run("topology", tests, UNIT_COUNT(tests));
}
