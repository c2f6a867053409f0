/* SPDX-License-Identifier: MIT */
/*
 * The rules are in the header. The filter has a list of what is refused, not of what is let by:
 * which calls libc makes for what we do changes from one to the next. What is refused fails with
 * EPERM.
 */
#define _GNU_SOURCE
#include "cli/forgo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__ && defined __LP64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__ && defined __LP64__
#define ARCH AUDIT_ARCH_AARCH64
#endif

void forgo_rights(uint64_t kept)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct rights[2];

	if (syscall(SYS_capget, &head, rights) != 0)
		return;
	for (int i = 0; i < 2; i++) {
		rights[i].permitted &= (uint32_t)(kept >> 32 * i);
		rights[i].effective &= rights[i].permitted;
		rights[i].inheritable = 0;
	}
	syscall(SYS_capset, &head, rights);
}

#ifdef ARCH
static const int refused[] = {
	/* programs and processes */
	SYS_execve,
	SYS_execveat,
	SYS_clone,
	SYS_ptrace,
	SYS_process_vm_writev,
	SYS_tkill,
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	/* files */
	SYS_truncate,
	SYS_unlinkat,
	SYS_mkdirat,
	SYS_mknodat,
	SYS_symlinkat,
	SYS_linkat,
	SYS_renameat2,
	SYS_fchmodat,
	SYS_fchownat,
	SYS_setxattr,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	/* others, and the kernel */
	SYS_socket,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_keyctl,
	SYS_add_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_setuid,
	SYS_setresuid,
	SYS_setreuid,
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_openat2
	SYS_openat2,
#endif
#ifdef SYS_pidfd_send_signal
	SYS_pidfd_send_signal,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
#endif
#ifdef SYS_fork /* what newer machines do not have */
	SYS_fork,
	SYS_vfork,
	SYS_creat,
	SYS_unlink,
	SYS_rmdir,
	SYS_mkdir,
	SYS_mknod,
	SYS_symlink,
	SYS_link,
	SYS_rename,
	SYS_renameat,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
#endif
};

enum {
	REFUSED = sizeof refused / sizeof *refused,
	WRITES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC,
	SIZE = REFUSED + 32
};

struct program {
	struct sock_filter lines[SIZE];
	unsigned short count;
};

static void add(struct program *program, unsigned code, uint32_t value, int yes, int no)
{
	program->lines[program->count++] = (struct sock_filter){ (unsigned short)code,
								 (unsigned char)yes,
								 (unsigned char)no, value };
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void refuse(struct program *program)
{
	add(program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

/* A call of this number that has one of these bits in an argument (its lower half: they fit). */
static void refuse_bits(struct program *program, int number, int argument, uint32_t bits)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4);
	load(program, offsetof(struct seccomp_data, args) + (size_t)argument * 8);
	add(program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
	refuse(program);
	add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

void forgo_calls(void)
{
	struct program program = { .count = 0 };
	struct sock_fprog given;

	load(&program, offsetof(struct seccomp_data, arch));
	add(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	refuse(&program);
	load(&program, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < REFUSED; i++)
		add(&program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refused[i], REFUSED - i, 0);
	add(&program, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); /* x32 */
	refuse(&program);
	refuse_bits(&program, SYS_openat, 2, WRITES);
	refuse_bits(&program, SYS_kill, 1, 0xff);
#ifdef SYS_open
	refuse_bits(&program, SYS_open, 1, WRITES);
#endif
	add(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	given = (struct sock_fprog){ program.count, program.lines };
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &given, 0, 0);
}
#else
void forgo_calls(void)
{
}
#endif
