/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. Segments are gone through by their index, each asked for once: those
 * that we may not read are refused at once, and a line of /proc/sysvipc/shm would cost ten times as
 * much.
 */
#define _GNU_SOURCE
#include "cli/claims.h"

#include "cli/foreign.h"
#include "cli/owner.h"
#include "core/ident.h"

#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum {
	INDEX_MOST = 32768, /* segments that are asked for: all there can be (ipc(5)) */
	USERS_MOST = 256,
	TABLES_MOST = 2, /* of one user: there is one; tests have others */
	TABLES_OWN = 1024,
};

struct user {
	uid_t uid;
	int tables;
	struct mask mask;
};

struct reader {
	struct choose_cpu *cpus;
	int count;
	const struct claims_asker *asker;
	struct fences copy;
	int users, own_tables;
	struct user user[USERS_MOST];
};

static void add(struct choose_cpu *cpus, int count, const struct mask *mask)
{
	for (int i = 0; i < count; i++)
		cpus[i].claims += mask_has(mask, cpus[i].number);
}

/* Whether one stood where it stands before the other: of the same millisecond, by owner. */
static bool is_before(const struct fence_row *one, const struct fence_row *other)
{
	int32_t apart_ms = (int32_t)(atomic_load(&one->raised_ms) - atomic_load(&other->raised_ms));

	if (apart_ms)
		return apart_ms < 0;
	return atomic_load(&one->owner) < atomic_load(&other->owner);
}

static bool is_own(const struct fence_row *row, const struct claims_asker *asker)
{
	return atomic_load(&row->owner) == asker->owner
	       || (asker->job && atomic_load(&row->job) == asker->job);
}

/* Of one's own fences each counts. */
static void add_own(struct reader *reader)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &reader->copy.rows[i];

		if (!atomic_load(&row->owner) || is_own(row, reader->asker)
		    || (reader->asker->later && !is_before(row, reader->asker->later))
		    || !fence_holds(row))
			continue;
		add(reader->cpus, reader->count, &row->mask);
	}
}

/*
 * Its watcher lives, is a process of the user's, and might run there. Of one in another pid
 * namespace only its beat is known.
 */
static bool is_true(struct fence_row *row, uid_t uid, struct mask *mask)
{
	int pid = ident_pid(atomic_load(&row->owner));
	struct mask where;

	if (!fence_holds(row))
		return false;
	*mask = row->mask;
	if (atomic_load(&row->space) != ident_namespace())
		return true;
	if (owner_is(pid, uid) == OWNER_OTHER || mask_get(pid, &where) != 0)
		return false;
	*mask = mask_both(mask, &where);
	return true;
}

void claims_of_other(struct fences *fences, uid_t uid, const struct claims_asker *asker,
		     struct mask *his)
{
	for (int i = 0; i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];
		struct mask mask;

		/* The cheap questions first: what adds nothing is not asked whether it is true. */
		if (!atomic_load(&row->owner) || mask_within(&row->mask, his)
		    || (asker->later && !is_before(row, asker->later)) || !is_true(row, uid, &mask))
			continue;
		for (int word = 0; word < MASK_WORDS; word++)
			his->bits[word] |= mask.bits[word];
	}
}

/* NULL: of this one enough has been read. */
static struct user *user_of(struct reader *reader, uid_t uid)
{
	int i = 0;

	while (i < reader->users && reader->user[i].uid != uid)
		i++;
	if (i == USERS_MOST)
		return NULL;
	if (i == reader->users)
		reader->user[reader->users++] = (struct user){ .uid = uid };
	return reader->user[i].tables++ < TABLES_MOST ? &reader->user[i] : NULL;
}

static void read_table(struct reader *reader, int id, uid_t uid)
{
	bool own = uid == geteuid();
	struct user *user = own ? NULL : user_of(reader, uid);

	if (own ? reader->own_tables++ >= TABLES_OWN : !user)
		return;
	if (foreign_copy(id, &reader->copy, sizeof reader->copy) != 0)
		return;
	if (own)
		add_own(reader);
	else
		claims_of_other(&reader->copy, uid, reader->asker, &user->mask);
}

static bool is_table(const struct shmid_ds *stat)
{
	return fence_is_key(stat->shm_perm.__key, stat->shm_segsz)
	       && stat->shm_perm.uid == stat->shm_perm.cuid
	       && (stat->shm_perm.mode & (0777 | SHM_DEST)) == 0644;
}

void claims_read(struct choose_cpu *cpus, int count, const struct claims_asker *asker)
{
	struct reader *reader = calloc(1, sizeof *reader);
	struct shmid_ds stat;
	struct shm_info info;
	int last = shmctl(0, SHM_INFO, (struct shmid_ds *)&info);

	for (int i = 0; i < count; i++)
		cpus[i].claims = 0;
	if (!reader)
		return;
	reader->cpus = cpus;
	reader->count = count;
	reader->asker = asker;
	for (int i = 0; i <= last && i < INDEX_MOST; i++) {
		int id = shmctl(i, SHM_STAT, &stat);

		if (id >= 0 && is_table(&stat))
			read_table(reader, id, stat.shm_perm.uid);
	}
	for (int i = 0; i < reader->users; i++)
		add(cpus, count, &reader->user[i].mask);
	free(reader);
}
