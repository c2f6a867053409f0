/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/topology.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const double tick_s = 0.01; /* USER_HZ is 100 wherever we run */
enum { TICKS_LEAST = 5 };          /* one or two tell nothing of a CPU's load */

/* "0,8" or "0-1": the first hardware thread stands for the core. */
static int read_core(const char *root, int cpu)
{
	char path[PATH_MAX];
	int first = cpu;
	FILE *in;

	snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
		 root, cpu);
	in = fopen(path, "re");
	if (in && fscanf(in, "%d", &first) != 1)
		first = cpu;
	if (in)
		fclose(in);
	return first;
}

/* The link cpuN/nodeM. */
static int read_node(const char *root, int cpu)
{
	const struct dirent *entry;
	char path[PATH_MAX], end;
	int node = 0, found;
	DIR *dir;

	snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d", root, cpu);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "node%d%c", &found, &end) == 1 && found >= 0)
			node = found;
	if (dir)
		closedir(dir);
	return node;
}

int topology_open(struct topology *topology, const struct mask *base, const char *root)
{
	size_t room = (size_t)mask_count(base) + 1;

	*topology = (struct topology){
		.cpus = calloc(room, sizeof *topology->cpus),
		.busy = calloc(room, sizeof *topology->busy),
		.total = calloc(room, sizeof *topology->total),
		.own_s = calloc(room, sizeof *topology->own_s),
	};
	if (!topology->cpus || !topology->busy || !topology->total || !topology->own_s) {
		topology_close(topology);
		return -ENOMEM;
	}
	for (int cpu = 0; cpu < MASK_CPUS; cpu++)
		if (mask_has(base, cpu))
			topology->cpus[topology->count++] =
				(struct choose_cpu){ .number = cpu,
						     .node = read_node(root, cpu),
						     .core = read_core(root, cpu) };
	topology_look(topology, root, NULL);
	return 0;
}

void topology_close(struct topology *topology)
{
	free(topology->cpus);
	free(topology->busy);
	free(topology->total);
	free(topology->own_s);
	*topology = (struct topology){ 0 };
}

/* In the order of their numbers. -1: it is none of ours. */
static int find(const struct topology *topology, int cpu)
{
	int low = 0, high = topology->count - 1;

	while (low <= high) {
		int middle = (low + high) / 2;

		if (topology->cpus[middle].number == cpu)
			return middle;
		if (topology->cpus[middle].number < cpu)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

void topology_note(struct topology *topology, int cpu, double own_s)
{
	int at = find(topology, cpu);

	if (at >= 0)
		topology->own_s[at] += own_s;
}

/* The kernel tells where a task ran last, not where it ran: inside a fence it was anywhere. */
static void spread(struct topology *topology, const struct mask *inside)
{
	double sum_s = 0;
	int count = 0;

	for (int i = 0; i < topology->count; i++) {
		sum_s += topology->own_s[i];
		count += mask_has(inside, topology->cpus[i].number);
	}
	for (int i = 0; i < topology->count; i++)
		topology->own_s[i] = mask_has(inside, topology->cpus[i].number) ? sum_s / count : 0;
}

static void set_load(struct topology *topology, int at, uint64_t busy, uint64_t total)
{
	double others_s = tick_s * (double)(busy - topology->busy[at]) - topology->own_s[at];
	double all_s = tick_s * (double)(total - topology->total[at]);

	if (topology->total[at] && total >= topology->total[at]
	    && total - topology->total[at] < TICKS_LEAST)
		return; /* what we know stands, and the next look is over a longer time */
	if (topology->total[at] && total > topology->total[at] && busy >= topology->busy[at]) {
		others_s = others_s > 0 ? others_s : 0;
		topology->cpus[at].load = others_s < all_s ? others_s / all_s : 1;
	}
	topology->busy[at] = busy;
	topology->total[at] = total;
	topology->own_s[at] = 0;
}

/* cpu3 101 0 20 4000 10 0 1 0 ...: user, nice, system, idle, iowait, irq, softirq, steal. */
void topology_look(struct topology *topology, const char *root, const struct mask *inside)
{
	char path[PATH_MAX], line[512];
	FILE *in;

	if (inside)
		spread(topology, inside);
	snprintf(path, sizeof path, "%s/proc/stat", root);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof line, in)) {
		unsigned long long t[8] = { 0 };
		uint64_t busy;
		int cpu, at;

		if (sscanf(line, "cpu%d %llu %llu %llu %llu %llu %llu %llu %llu", &cpu, t, t + 1,
			   t + 2, t + 3, t + 4, t + 5, t + 6, t + 7)
		    < 5)
			continue;
		at = find(topology, cpu);
		busy = t[0] + t[1] + t[2] + t[5] + t[6] + t[7];
		if (at >= 0)
			set_load(topology, at, busy, busy + t[3] + t[4]);
	}
	if (in)
		fclose(in);
}
