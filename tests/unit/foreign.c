/* SPDX-License-Identifier: MIT */
/* cli/foreign.c: memory whose pages are not to be had is an error, whichever call copies it. */
#define _GNU_SOURCE
#include "cli/foreign.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { PAGE = 4096, PAGES = 21 };

/* So many pages, the last of which is of a file that ends before it: who touches it gets SIGBUS. */
static char *pages(void)
{
	int fd = memfd_create("unit", MFD_CLOEXEC);
	char *at = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	ck_assert_int_eq(ftruncate(fd, (PAGES - 1) * PAGE), 0);
	ck_assert_int_eq(pwrite(fd, "end", 3, (PAGES - 1) * PAGE - 3), 3);
	close(fd);
	return at;
}

static void check(void)
{
	static char copy[PAGES * PAGE];
	const char *from = pages();

	ck_assert_int_eq(foreign_read(from, copy, (PAGES - 1) * PAGE), 0);
	ck_assert_int_eq(memcmp(copy + (PAGES - 1) * PAGE - 4, "\0end", 4), 0);
	ck_assert_int_eq(foreign_read(from + 1, copy, 100), 0);
	ck_assert_int_eq(foreign_read(from, copy, PAGES * PAGE), -EFAULT);
	ck_assert_int_eq(foreign_read(from + (PAGES - 1) * PAGE, copy, 1), -EFAULT);
	ck_assert_int_eq(foreign_copy(-1, copy, 1), -EINVAL);
}

START_TEST(by_one_call)
{
	check();
}
END_TEST

START_TEST(by_a_pipe_where_that_is_forbidden)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	check();
}
END_TEST

int main(void)
{
	const TTest *tests[] = { by_one_call, by_a_pipe_where_that_is_forbidden };

	return unit_run("foreign", tests, UNIT_COUNT(tests));
}
