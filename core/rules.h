/* SPDX-License-Identifier: MIT */
/*
 * The table: what the site's configuration says, compiled by root for programs that may neither
 * parse nor ask. A guest maps it, and judges by it for itself: its own ids, its groups, the CPUs
 * that are online.
 *
 * It is one file of one size, so that whoever has mapped it sees every change, and it never
 * shrinks. There are two halves: the generation says which one holds, by its lowest bit, and a
 * writer fills the other before it counts on. Killed at any moment, it leaves one that is whole.
 * A reader that finds the same generation afterwards has read one state of it.
 *
 * Only root writes it, but bytes rot: whatever stands there, a reader stays inside, answers within
 * the bounds below, and takes nothing from a half whose sum is wrong.
 */
#ifndef RATION_RULES_H
#define RATION_RULES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On the same file system as /etc/ld.so.preload: who sees the one at boot sees the other. */
#define RULES_FILE "/etc/ration.table"

enum {
	RULES_VERSION = 1, /* another one is another table: it is not read */
	RULES_MOST = 10000,
	RULES_PAGE = 4096,
};
#define RULES_MAGIC 0x454c424154544152u /* "RATTABLE" */
#define RULES_GONE  UINT64_MAX          /* as the generation: disabled; look for another file */

/* The same numbers as in conf/conf.h, which the commands know. */
enum rule_kind { RULE_DEFAULT, RULE_GROUP, RULE_USER, RULE_KINDS };
enum rule_key { RULE_CORES, RULE_FENCE, RULE_EXEMPT, RULE_LOCKED, RULE_KEYS };

struct rule {
	uint64_t name;              /* a number for it: whose id stays if it cannot be told */
	uint32_t id;                /* uid or gid */
	uint8_t kind;               /* enum rule_kind */
	uint8_t set;                /* bits: 1 << enum rule_key */
	uint8_t percent;            /* cores are of the CPUs online */
	uint8_t reserve;            /* 0 */
	uint16_t values[RULE_KEYS]; /* cores 1 to 4096; fence as enum conf_fence; 0 or 1 */
};

struct rules_half {
	uint64_t sum; /* of count and rules: rules_sum */
	uint32_t count;
	uint32_t reserve;
	uint64_t read_ns; /* CLOCK_REALTIME when its sources were read */
	struct rule rules[RULES_MOST];
	uint8_t filler[1640];
};

struct rules {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* of the file */
	_Atomic uint64_t generation;
	uint8_t filler[RULES_PAGE - 24];
	struct rules_half halves[2];
};

/* Who is judged. */
struct rules_who {
	uint32_t uid;
	const uint32_t *groups; /* the primary one among them */
	int group_count;
	bool stranger; /* the table's owner is nobody here: only default holds, none is exempt */
};

/* What holds, and the rule that says so. */
struct rules_found {
	bool set;
	uint8_t kind; /* enum rule_kind */
	bool percent;
	uint16_t number;
	uint32_t id;
};

struct rules_verdict {
	uint64_t generation;
	struct rules_found found[RULE_KEYS];
	int cores; /* 0: nobody says anything */
	int fence; /* enum conf_fence; -1: nobody says anything */
	bool exempt, locked;
};

/* Whether this is a table that is in force. size: what is mapped. */
bool rules_good(const struct rules *rules, size_t size);

static inline uint64_t rules_generation(const struct rules *rules)
{
	return atomic_load_explicit(&((struct rules *)(uintptr_t)rules)->generation,
				    memory_order_acquire);
}

/*
 * For rules that rules_good said yes to. 0; -EINVAL: what stands there is damaged; -EAGAIN: it
 * changed too often meanwhile. online: CPUs; 0: not counted yet, -ENODATA where that matters.
 */
int rules_judge(const struct rules *rules, const struct rules_who *who, int online,
		struct rules_verdict *verdict);

/* Cores of a found value: at least 1. */
int rules_cores(struct rules_found found, int online);

/* For the writer: of the rules of a half, in order; begun with 0. */
uint64_t rules_sum(uint64_t sum, const struct rule *rule);

/*
 * The table, mapped for good by four system calls; at *stranger, whether its owner is nobody here.
 * It has to belong to root, or where other is set, to that uid, and nobody else may write it.
 * -ENOENT: there is none; -EPERM: another's; -EINVAL: no table of this version.
 */
int rules_map(const char *path, const uint32_t *other, const struct rules **rules, bool *stranger);

#endif
