/* SPDX-License-Identifier: MIT */
/*
 * One stack lies ready, and costs nothing until it is used. Who comes while another has it,
 * or has left it behind in a fork, is given one by the kernel.
 */
#define _GNU_SOURCE
#include "shim/aside.h"

#include "shim/shim.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK_SIZE = 64 << 10 };

static char ready[STACK_SIZE] __attribute__((aligned(64)));
static atomic_bool taken;

void aside_enter(void *top, void (*fn)(void *data), void *data);

#if defined __x86_64__
__asm__(".text\n"
	".hidden aside_enter\n"
	".globl aside_enter\n"
	".type aside_enter, @function\n"
	"aside_enter:\n"
	".cfi_startproc\n"
	"	pushq %rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset %rbp, -16\n"
	"	movq %rsp, %rbp\n"
	".cfi_def_cfa_register %rbp\n"
	"	movq %rdi, %rsp\n"
	"	movq %rdx, %rdi\n"
	"	call *%rsi\n"
	"	leave\n"
	".cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	".cfi_endproc\n"
	".size aside_enter, .-aside_enter\n");
#elif defined __aarch64__
__asm__(".text\n"
	".hidden aside_enter\n"
	".globl aside_enter\n"
	".type aside_enter, @function\n"
	"aside_enter:\n"
	".cfi_startproc\n"
	"	stp x29, x30, [sp, #-16]!\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset x29, -16\n"
	".cfi_offset x30, -8\n"
	"	mov x29, sp\n"
	".cfi_def_cfa_register x29\n"
	"	mov sp, x0\n"
	"	mov x0, x2\n"
	"	blr x1\n"
	"	mov sp, x29\n"
	".cfi_def_cfa_register sp\n"
	"	ldp x29, x30, [sp], #16\n"
	".cfi_restore x29\n"
	".cfi_restore x30\n"
	".cfi_def_cfa_offset 0\n"
	"	ret\n"
	".cfi_endproc\n"
	".size aside_enter, .-aside_enter\n");
#else
void aside_enter(void *top, void (*fn)(void *data), void *data)
{
	(void)top;
	fn(data);
}
#endif

static void go(char *stack, void (*fn)(void *data), void *data)
{
	void *top = (void *)((uintptr_t)stack + STACK_SIZE);
	uintptr_t was = shim_move(top);

	aside_enter(top, fn, data);
	shim_move_back(was);
}

void aside_try(void (*fn)(void *data), void *data)
{
	bool here = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)ready < STACK_SIZE;

	if (here || atomic_exchange(&taken, true)) {
		fn(data);
		return;
	}
	go(ready, fn, data);
	atomic_store(&taken, false);
}

bool aside_call(void (*fn)(void *data), void *data)
{
	char *stack;

	if (!atomic_load(&taken)) {
		aside_try(fn, data);
		return true;
	}
	stack = (char *)syscall(SYS_mmap, NULL, (long)STACK_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
	if (stack == MAP_FAILED)
		return false;
	go(stack, fn, data);
	syscall(SYS_munmap, stack, (long)STACK_SIZE);
	return true;
}
