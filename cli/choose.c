/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. Taken one by one, the cheapest next, within each node and
 * within all. A second hardware thread adds some quarter of a core to matrix products: it is
 * worth far less than a core of its own.
 */
#include "cli/choose.h"

#include <stdlib.h>

/*
 * In CPUs' worth. A claim stays where it is, a load may go elsewhere: even a whole one is less. A
 * node costs little: less than two CPUs that share their cores.
 */
static const double claim_cost = 2.0, sibling_part = 0.4, crowded_cost = 0.35, node_cost = 0.6,
		    pin_gain = 0.2;

enum { ANY_NODE = -1 };

struct room {
	double *beside; /* what the other hardware threads of each CPU's core cost */
	bool *taken;
	int *crowd; /* of that core, taken */
};

static double busy(const struct choose_cpu *cpu)
{
	return cpu->load + claim_cost * cpu->claims;
}

/* 0 to 0.001: decides between equals only. */
static double tie(uint32_t seed, int number)
{
	uint32_t mixed = (seed ^ (uint32_t)number * 2654435761u) * 2246822519u;

	return (mixed >> 16) * (0.001 / 65536);
}

static void look_beside(const struct choose_cpu *cpus, int count, double *beside)
{
	for (int i = 0; i < count; i++) {
		beside[i] = 0;
		for (int j = 0; j < count; j++)
			if (j != i && cpus[j].core == cpus[i].core)
				beside[i] += sibling_part * busy(&cpus[j]);
	}
}

static double cost_of(const struct choose_cpu *cpu, int i, const struct room *room)
{
	return busy(cpu) + room->beside[i] + crowded_cost * room->crowd[i]
	       - (cpu->pins > 0 ? pin_gain : 0);
}

static void take(const struct choose_cpu *cpus, int count, int taken, const struct room *room)
{
	room->taken[taken] = true;
	for (int i = 0; i < count; i++)
		room->crowd[i] += cpus[i].core == cpus[taken].core;
}

static void clear(int count, const struct room *room)
{
	for (int i = 0; i < count; i++) {
		room->taken[i] = false;
		room->crowd[i] = 0;
	}
}

/* Whether node has as many; then the choice, and its cost. */
static bool take_in(const struct choose_cpu *cpus, int count, int node, int want, uint32_t seed,
		    const struct room *room, struct choose_choice *choice)
{
	*choice = (struct choose_choice){ .cost = node == ANY_NODE ? node_cost : 0 };
	clear(count, room);
	for (; want > 0; want--) {
		double least = 0, cost;
		int best = -1;

		for (int i = 0; i < count; i++) {
			if (room->taken[i] || (node != ANY_NODE && cpus[i].node != node))
				continue;
			cost = cost_of(&cpus[i], i, room) + tie(seed, cpus[i].core);
			if (best < 0 || cost < least)
				best = i, least = cost;
		}
		if (best < 0)
			return false;
		take(cpus, count, best, room);
		mask_add(&choice->mask, cpus[best].number);
		choice->cost += least;
	}
	return true;
}

static void free_room(const struct room *room)
{
	free(room->beside);
	free(room->taken);
	free(room->crowd);
}

static int make_room(struct room *room, const struct choose_cpu *cpus, int count)
{
	room->beside = calloc((size_t)count + 1, sizeof *room->beside);
	room->taken = calloc((size_t)count + 1, sizeof *room->taken);
	room->crowd = calloc((size_t)count + 1, sizeof *room->crowd);
	if (!room->beside || !room->taken || !room->crowd) {
		free_room(room);
		return -ENOMEM;
	}
	look_beside(cpus, count, room->beside);
	return 0;
}

int choose_cpus(const struct choose_cpu *cpus, int count, int want, uint32_t seed,
		struct choose_choice *choice)
{
	struct choose_choice other;
	struct room room;
	int nodes = 0, shift;

	if (make_room(&room, cpus, count) != 0)
		return -ENOMEM;
	if (want > count)
		want = count;
	for (int i = 0; i < count; i++)
		if (cpus[i].node >= nodes)
			nodes = cpus[i].node + 1;
	take_in(cpus, count, ANY_NODE, want, seed, &room, choice);
	shift = nodes > 0 ? (int)(seed % (uint32_t)nodes) : 0;
	for (int i = 0; i < nodes; i++)
		if (take_in(cpus, count, (i + shift) % nodes, want, seed, &room, &other)
		    && other.cost < choice->cost - 0.01)
			*choice = other;
	free_room(&room);
	return 0;
}

double choose_cost(const struct choose_cpu *cpus, int count, const struct mask *mask)
{
	struct room room;
	double cost = 0;
	int node = ANY_NODE;
	bool several = false;

	if (make_room(&room, cpus, count) != 0)
		return 0;
	for (int i = 0; i < count; i++) {
		if (!mask_has(mask, cpus[i].number))
			continue;
		cost += cost_of(&cpus[i], i, &room);
		take(cpus, count, i, &room);
		several |= node != ANY_NODE && node != cpus[i].node;
		node = cpus[i].node;
	}
	free_room(&room);
	return cost + (several ? node_cost : 0);
}
