/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/site.h"

#include "cli/claims.h"
#include "core/grant.h"
#include "core/ident.h"

#include <stdlib.h>
#include <sys/shm.h>

/*
 * CPUs' worth by which another place is better, or better by far. Loads come and go: it has to
 * be so at several looks in a row, six or two.
 */
static const double better = 0.3, far_better = 0.5, far_better_each = 0.15;
enum { BETTER_COUNTS = 1, FAR_BETTER_COUNTS = 3, BETTER_ENOUGH = 6 };

/* An outer `ration` that confines us: of the same job, with more cores. */
static bool outer_fence(const struct site *site, struct mask *mask)
{
	return site->fences && site->job
	       && fence_of(site->fences, site->job, site->cores + 1, NULL, mask);
}

static bool any_raised(const struct site *site)
{
	for (int i = 0; i < FENCE_ROWS; i++)
		if (&site->fences->rows[i] != site->row && fence_holds(&site->fences->rows[i]))
			return true;
	return false;
}

/* The CPUs that all the user's commands share, chosen by the first that needs them. */
static bool user_fence(const struct site *site, struct mask *mask)
{
	if (!site->user_cores || !site->fences || !atomic_load(&site->fences->user_set))
		return false;
	*mask = mask_both(&site->fences->user_mask, &site->base);
	return mask_count(mask) > 0;
}

/* To what both have, if they have anything in common. */
static void narrow(struct mask *mask, const struct mask *other)
{
	struct mask both = mask_both(mask, other);

	if (mask_count(&both) > 0)
		*mask = both;
}

/* Where the fence may be. */
static struct mask bounds(const struct site *site)
{
	struct mask inside = site->base, other;

	if (outer_fence(site, &other))
		narrow(&inside, &other);
	if (user_fence(site, &other))
		narrow(&inside, &other);
	return inside;
}

static int choose_in(const struct site *site, const struct mask *inside, int want,
		     struct choose_choice *choice)
{
	struct choose_cpu *some = calloc((size_t)site->topology.count + 1, sizeof *some);
	int count = 0, error;

	if (!some)
		return -ENOMEM;
	for (int i = 0; i < site->topology.count; i++)
		if (mask_has(inside, site->topology.cpus[i].number))
			some[count++] = site->topology.cpus[i];
	error = count ? choose_cpus(some, count, want, site->seed, choice) : -ENODEV;
	free(some);
	return error;
}

static void choose_user_set(struct site *site)
{
	uint64_t was = site->fences ? atomic_load(&site->fences->user_set) : 0;
	struct choose_choice choice;

	if (!site->user_cores || !site->fences || (was && any_raised(site)))
		return;
	if (choose_in(site, &site->base, site->user_cores, &choice) != 0)
		return;
	if (!atomic_compare_exchange_strong(&site->fences->user_set, &was, site->owner | 1))
		return;
	site->fences->user_mask = choice.mask;
}

int site_choose(struct site *site)
{
	struct choose_choice choice;
	struct mask inside;
	int error;

	choose_user_set(site);
	inside = bounds(site);
	error = choose_in(site, &inside, site->cores, &choice);
	if (!error)
		site->mask = choice.mask;
	return error;
}

static void read_claims(struct site *site, const struct fence_row *later)
{
	struct claims_asker asker = { .owner = site->owner, .job = site->job, .later = later };

	claims_read(site->topology.cpus, site->topology.count, &asker);
}

void site_survey(struct site *site)
{
	bool raised = site->row && atomic_load(&site->row->state) == FENCE_RAISED;

	topology_look(&site->topology, "", raised ? &site->mask : NULL);
	for (int i = 0; i < site->topology.count; i++)
		site->topology.cpus[i].pins = 0;
	read_claims(site, NULL);
}

void site_note_pin(struct site *site, const struct mask *pin)
{
	for (int i = 0; i < site->topology.count; i++)
		site->topology.cpus[i].pins += mask_has(pin, site->topology.cpus[i].number);
}

static void write_row(struct site *site, enum fence_why why)
{
	site->row->mask = site->mask;
	atomic_store(&site->row->why, (uint8_t)why);
	atomic_store(&site->row->raised_ms, (uint32_t)ident_now_ms());
	atomic_store(&site->row->state, FENCE_RAISED);
}

/* Its place in the order of those who yield to one another stays what it was. */
bool site_yield(struct site *site)
{
	struct choose_choice other;
	struct mask inside = bounds(site);

	if (!site->row)
		return false;
	read_claims(site, site->row);
	if (choose_in(site, &inside, site->cores, &other) != 0
	    || other.cost + far_better
		       > choose_cost(site->topology.cpus, site->topology.count, &site->mask))
		return false;
	site->mask = other.mask;
	site->row->mask = site->mask;
	return true;
}

void site_publish(struct site *site, enum fence_why why)
{
	if (!site->row)
		return;
	atomic_fetch_add(&site->row->times, 1);
	write_row(site, why);
	site_yield(site);
}

void site_withdraw(struct site *site)
{
	if (site->row)
		atomic_store(&site->row->state, FENCE_WATCHED);
}

bool site_stands(const struct site *site)
{
	struct mask inside = bounds(site);

	return mask_within(&site->mask, &inside);
}

/* gain: by which another place is better, at this look. */
static bool is_enough(struct site *site, double gain)
{
	if (gain > far_better + far_better_each * site->cores)
		site->better += FAR_BETTER_COUNTS;
	else if (gain > better)
		site->better += BETTER_COUNTS;
	else
		site->better = 0;
	return site->better >= BETTER_ENOUGH;
}

bool site_reconsider(struct site *site)
{
	struct mask inside = bounds(site);
	struct choose_choice other;
	double cost;

	site_survey(site);
	if (choose_in(site, &inside, site->cores, &other) != 0)
		return false;
	cost = choose_cost(site->topology.cpus, site->topology.count, &site->mask);
	if (mask_within(&site->mask, &inside) && !is_enough(site, cost - other.cost))
		return false;
	site->better = 0;
	site->mask = other.mask;
	if (site->row)
		write_row(site, (enum fence_why)atomic_load(&site->row->why));
	site_yield(site);
	return true;
}

void site_tell_used(struct site *site, double cpus)
{
	if (!site->row)
		return;
	fence_beat(site->row);
	if (cpus >= 0 && cpus < MASK_CPUS)
		atomic_store(&site->row->used, (uint32_t)(cpus * 1000));
}

double site_others_used(const struct site *site)
{
	double sum = 0;

	for (int i = 0; site->fences && site->user_cores && i < FENCE_ROWS; i++) {
		struct fence_row *row = &site->fences->rows[i];

		/* What an inner `ration` uses, the outer one has counted. */
		if (row == site->row || !atomic_load(&row->used)
		    || (site->job && atomic_load(&row->job) == site->job) || !fence_is_watched(row))
			continue;
		sum += atomic_load(&row->used) / 1000.0;
	}
	return sum;
}

/* Begun inside the fence of an outer `ration`, we are let out to what that one was let out to. */
static void widen_base(struct site *site)
{
	for (int i = 0; site->fences && site->job && i < FENCE_ROWS; i++) {
		struct fence_row *row = &site->fences->rows[i];

		if (atomic_load(&row->job) == site->job && fence_holds(row)
		    && mask_same(&row->mask, &site->base) && mask_within(&site->base, &row->base))
			site->base = row->base;
	}
}

int site_open(struct site *site, const struct warden_orders *orders, uint64_t owner)
{
	int count = mask_count(&orders->base);

	*site = (struct site){ .cores = orders->cores, .owner = owner, .base = orders->base };
	if (!grant_is_place(orders->job)) /* which is shared by commands that are not one job */
		site->job = orders->job;
	site->seed = (uint32_t)(orders->job ^ orders->job >> 32) ^ geteuid() * 2654435761u;
	if (orders->budget > 0 && orders->budget < count)
		site->user_cores = orders->budget;
	site->fences = fence_open(orders->ledger, true);
	widen_base(site);
	if (topology_open(&site->topology, &site->base, "") != 0)
		return -ENOMEM;
	if (!site->fences || !owner)
		return 0;
	site->row = fence_claim(site->fences, owner, ident_namespace());
	if (!site->row)
		return 0;
	site->row->base = site->base;
	atomic_store(&site->row->job, orders->job);
	atomic_store(&site->row->root, (uint32_t)(orders->command ? orders->command : getpid()));
	atomic_store(&site->row->cores, (uint16_t)site->cores);
	return 0;
}

void site_close(struct site *site)
{
	topology_close(&site->topology);
	if (site->row)
		fence_leave(site->row, site->owner);
	if (site->fences)
		shmdt(site->fences);
	site->fences = NULL;
	site->row = NULL;
}
