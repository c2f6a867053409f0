/* SPDX-License-Identifier: MIT */
/* The table's file: what is mapped and what is not, while it is changed, and when it has rotted. */
#define _GNU_SOURCE
#include "cli/table-file.h"

#include "tests/unit/table.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

START_TEST(changes_are_seen_where_it_is_mapped)
{
	struct rule one = table_rule(RULE_DEFAULT, 0, 3),
		    two[2] = { one, table_rule(RULE_USER, 1, 5) };
	const struct rules *rules;
	uint64_t generation;

	table_setup();
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	rules = table_map();
	ck_assert_int_eq(table_cores(rules, 1), 3);
	generation = rules_generation(rules);
	ck_assert_int_eq(table_file_write(table_path, two, 2, 2), 0);
	ck_assert(rules_generation(rules) != generation);
	ck_assert_int_eq(table_cores(rules, 1), 5);
	ck_assert_int_eq(table_file_write(table_path, NULL, 0, 3), 0);
	ck_assert_int_eq(table_cores(rules, 1), 0);
	ck_assert_int_eq(table_file_remove(table_path), 1);
	ck_assert_uint_eq(rules_generation(rules), RULES_GONE);
	ck_assert_int_eq(table_cores(rules, 1), -EINVAL);
	ck_assert_int_eq(table_file_remove(table_path), 0);
	table_unmap(rules);
	table_teardown();
}
END_TEST

static void *judge_on(void *arg)
{
	const struct rules *rules = arg;
	intptr_t wrong = 0;

	for (int i = 0; i < 20000; i++) {
		int cores = table_cores(rules, 1);

		wrong += cores != 3 && cores != 4 && cores != -EAGAIN;
	}
	return (void *)wrong;
}

/* Two states of a thousand rules each: nobody sees a third. */
START_TEST(concurrent_changes)
{
	static struct rule three[1000], four[1000];
	const struct rules *rules;
	pthread_t readers[2];
	void *wrong;

	table_setup();
	for (int i = 0; i < 1000; i++) {
		three[i] = table_rule(RULE_USER, i == 999 ? 1 : 2, 3);
		four[i] = table_rule(RULE_USER, i == 0 ? 1 : 2, 4);
	}
	ck_assert_int_eq(table_file_write(table_path, three, 1000, 1), 0);
	rules = table_map();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			pthread_create(&readers[i], NULL, judge_on, (void *)(uintptr_t)rules), 0);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(table_file_write(table_path, i & 1 ? three : four, 1000, 1), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(readers[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	table_unmap(rules);
	table_teardown();
}
END_TEST

static void put_bytes(off_t at, const void *bytes, size_t size)
{
	int fd = open(table_path, O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, size, at), (ssize_t)size);
	close(fd);
}

/* Each bit of what holds, turned: never another budget than the one that was written. */
START_TEST(what_has_rotted_is_no_table)
{
	struct rule one = table_rule(RULE_DEFAULT, 0, 3);
	off_t half = offsetof(struct rules, halves);
	size_t size = offsetof(struct rules_half, rules) + sizeof one;
	unsigned char bytes[128];
	const struct rules *rules;

	table_setup();
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	rules = table_map();
	memcpy(bytes, &rules->halves[0], size);
	for (size_t bit = 0; bit < size * 8; bit++) {
		size_t at = bit / 8;
		unsigned char turned = bytes[at] ^ (unsigned char)(1 << bit % 8);
		int cores;

		put_bytes(half + (off_t)at, &turned, 1);
		cores = table_cores(rules, 1);
		/* The time, and what nobody reads, say nothing. */
		UNIT_MUST(cores == -EINVAL || (at >= 12 && at < 24 && cores == 3),
			  "bit %zu: %d cores", bit, cores);
		put_bytes(half + (off_t)at, &bytes[at], 1);
	}
	ck_assert_int_eq(table_cores(rules, 1), 3);
	put_bytes(half + (off_t)offsetof(struct rules_half, count), &(uint32_t){ UINT32_MAX }, 4);
	ck_assert_int_eq(table_cores(rules, 1), -EINVAL);
	/* And the next writer puts it right, for those who have mapped it. */
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	ck_assert_int_eq(table_cores(rules, 1), 3);
	table_unmap(rules);
	table_teardown();
}
END_TEST

static int map_error(const uint32_t *other)
{
	const struct rules *rules;
	bool stranger;
	int error = rules_map(table_path, other, &rules, &stranger);

	ck_assert((error == 0) == (rules != NULL));
	if (rules)
		table_unmap(rules);
	return error;
}

START_TEST(what_is_not_mapped)
{
	struct rule one = table_rule(RULE_DEFAULT, 0, 3);
	uint32_t self = geteuid(), another = self + 1;

	table_setup();
	ck_assert_int_eq(map_error(&self), -ENOENT);
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	ck_assert_int_eq(map_error(&self), 0);
	ck_assert_int_eq(map_error(&another), self == 0 ? 0 : -EPERM);
	ck_assert_int_eq(chmod(table_path, 0664), 0);
	ck_assert_int_eq(map_error(&self), -EPERM);
	ck_assert_int_eq(chmod(table_path, 0644), 0);
	ck_assert_int_eq(truncate(table_path, sizeof(struct rules) - 1), 0);
	ck_assert_int_eq(map_error(&self), -EINVAL);
	ck_assert_int_eq(truncate(table_path, 0), 0);
	ck_assert_int_eq(map_error(&self), -EINVAL);
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	ck_assert_int_eq(map_error(&self), 0);
	put_bytes(offsetof(struct rules, version), &(uint32_t){ RULES_VERSION + 1 }, 4);
	ck_assert_int_eq(map_error(&self), -EINVAL);
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	ck_assert_int_eq(map_error(&self), 0);
	unlink(table_path);
	ck_assert_int_eq(mkfifo(table_path, 0644), 0);
	ck_assert_int_eq(map_error(&self), -EPERM);
	unlink(table_path);
	ck_assert_int_eq(symlink("/dev/zero", table_path), 0);
	ck_assert_int_eq(map_error(&self), -ELOOP);
	table_teardown();
}
END_TEST

/* A file of nobody's is a stranger's only in a user namespace, and else nobody's word. */
START_TEST(nobodys_file_is_not_roots)
{
	struct rule one = table_rule(RULE_DEFAULT, 0, 3);

	table_setup();
	ck_assert_int_eq(table_file_write(table_path, &one, 1, 1), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(table_path, 65534, 65534), 0);
		ck_assert_int_eq(map_error(NULL), -EPERM);
	} else {
		ck_assert_int_eq(map_error(NULL), -EPERM);
	}
	table_teardown();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		changes_are_seen_where_it_is_mapped, concurrent_changes,
		what_has_rotted_is_no_table,         what_is_not_mapped,
		nobodys_file_is_not_roots,
	};

	return unit_run("table", tests, UNIT_COUNT(tests));
}
