/* SPDX-License-Identifier: MIT */
/* The rules are in the header. */
#define _GNU_SOURCE
#include "cli/ctl-fences.h"

#include "cli/cpulist.h"
#include "cli/ctl-rows.h"
#include "cli/ctl-view.h"
#include "cli/excess.h"

#include <stdlib.h>

/* For programs. */
static const char *why_word(enum fence_why why)
{
	static const char *const texts[] = { [FENCE_NOT] = "none",
					     [FENCE_USED] = "used",
					     [FENCE_WANTED] = "wanted",
					     [FENCE_USER] = "user",
					     [FENCE_ORDERED] = "always" };

	return why <= FENCE_ORDERED ? texts[why] : "none";
}

static struct fences_fence read_row(struct fence_row *row)
{
	return (struct fences_fence){ .command = (int)atomic_load(&row->root),
				      .cores = atomic_load(&row->cores),
				      .raised = atomic_load(&row->state) == FENCE_RAISED,
				      .times = atomic_load(&row->times),
				      .why = (enum fence_why)atomic_load(&row->why),
				      .mask = row->mask };
}

void fences_read(struct fences_list *list, uid_t uid, uint32_t name)
{
	struct fences *fences = rows_copy_fences(uid, name);

	*list = (struct fences_list){ 0 };
	for (int i = 0; fences && i < FENCE_ROWS; i++) {
		struct fence_row *row = &fences->rows[i];

		if (!fence_is_watched(row))
			continue;
		list->fences[list->count] = read_row(row);
		list->raised += list->fences[list->count++].raised;
	}
	free(fences);
}

void fences_put_json(FILE *out, const struct fences_list *list)
{
	char cpus[1024];

	putc('[', out);
	for (int i = 0; i < list->count; i++) {
		const struct fences_fence *fence = &list->fences[i];

		fprintf(out, "%s{\"command\":%d,\"cores\":%d,\"raised\":%s,", i ? "," : "",
			fence->command, fence->cores, fence->raised ? "true" : "false");
		if (fence->raised)
			fprintf(out, "\"cpus\":\"%s\",",
				cpulist_text(&fence->mask, cpus, sizeof cpus));
		else
			fprintf(out, "\"cpus\":null,");
		fprintf(out, "\"times\":%u,\"why\":\"%s\"}", fence->times, why_word(fence->why));
	}
	putc(']', out);
}

/* The raised one that a process is inside of, by what the kernel lets it use; NULL: none. */
static const struct fences_fence *around(const struct fences_list *list, int pid)
{
	const struct fences_fence *best = NULL;
	struct mask now;

	if (mask_get(pid, &now) != 0)
		return NULL;
	for (int i = 0; i < list->count; i++)
		if (list->fences[i].raised && mask_within(&now, &list->fences[i].mask)
		    && (!best || list->fences[i].cores < best->cores))
			best = &list->fences[i];
	return best;
}

void fences_put(const struct fences_list *list, int pid)
{
	const struct fences_fence *fence = around(list, pid);
	char number[16], cpus[128];

	if (!fence)
		return;
	snprintf(number, sizeof number, "%d", mask_count(&fence->mask));
	view_put("fence", number, "CPU %s, around process %d and what it started: %s",
		 cpulist_text(&fence->mask, cpus, sizeof cpus), fence->command,
		 excess_text(fence->why));
}
