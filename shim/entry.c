/* SPDX-License-Identifier: MIT */
/*
 * One piece of code for each function that we stand in front of: it counts, and jumps.
 * No register that holds an argument is changed, nor the stack, so that it fits any
 * prototype, variadic ones too (__kmpc_fork_call). A thread whose credit is used up
 * saves what may be an argument and comes to entry_arrive.
 */
#define _GNU_SOURCE
#include "shim/entry.h"

#include "shim/guest.h"
#include "shim/shim.h"

#include <stdatomic.h>
#include <string.h>

_Thread_local struct entry_thread entry_thread;

enum { MOST_CREDIT = 4096 };

#if defined __x86_64__ || defined __aarch64__

static int (*arrivals[ENTRY_GROUPS])(int group);

/* Named by the code below. */
void *entry_real[ENTRY_GROUPS * ENTRY_NAMES];

#if defined __x86_64__
enum { CODE_SIZE = 32 };
#else
enum { CODE_SIZE = 64 };
#endif
extern char entry_code[ENTRY_GROUPS * ENTRY_NAMES][CODE_SIZE] __attribute__((visibility("hidden")));

_Static_assert(ENTRY_GROUPS == 12 && ENTRY_NAMES == 32, "the code below counts them too");

#if defined __x86_64__
/* %r11 is free at a call; %rax has the number of vector registers of a variadic one. */
__asm__(".text\n"
	".p2align 5\n"
	".hidden entry_code\n"
	".globl entry_code\n"
	"entry_code:\n"
	".set group, 0\n"
	".rept 12\n"
	".set name, 0\n"
	".rept 32\n"
	".p2align 5\n"
	"	movq entry_thread@gottpoff(%rip), %r11\n"
	"	decl %fs:4*group(%r11)\n"
	"	js 1f\n"
	"	jmp *entry_real+8*(32*group+name)(%rip)\n"
	"1:	movl $(32*group+name), %r11d\n"
	"	jmp entry_slow\n"
	".set name, name+1\n"
	".endr\n"
	".set group, group+1\n"
	".endr\n"
	".type entry_slow, @function\n"
	"entry_slow:\n"
	".cfi_startproc\n"
	"	pushq %rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset %rbp, -16\n"
	"	movq %rsp, %rbp\n"
	".cfi_def_cfa_register %rbp\n"
	"	pushq %rdi\n"
	"	pushq %rsi\n"
	"	pushq %rdx\n"
	"	pushq %rcx\n"
	"	pushq %r8\n"
	"	pushq %r9\n"
	"	pushq %r10\n"
	"	pushq %rax\n"
	"	movl %r11d, %edi\n"
	"	call entry_arrive\n"
	"	movq %rax, %r11\n"
	"	popq %rax\n"
	"	popq %r10\n"
	"	popq %r9\n"
	"	popq %r8\n"
	"	popq %rcx\n"
	"	popq %rdx\n"
	"	popq %rsi\n"
	"	popq %rdi\n"
	"	popq %rbp\n"
	".cfi_def_cfa %rsp, 8\n"
	"	jmp *%r11\n"
	".cfi_endproc\n"
	".size entry_slow, .-entry_slow\n");
#else
/* x16 and x17 are free at a call, as a linker's veneer uses them. hint #34 is bti c. */
__asm__(".text\n"
	".p2align 6\n"
	".hidden entry_code\n"
	".globl entry_code\n"
	"entry_code:\n"
	".set group, 0\n"
	".rept 12\n"
	".set name, 0\n"
	".rept 32\n"
	".p2align 6\n"
	"	hint #34\n"
	"	mrs x16, tpidr_el0\n"
	"	adrp x17, :gottprel:entry_thread\n"
	"	ldr x17, [x17, #:gottprel_lo12:entry_thread]\n"
	"	add x16, x16, x17\n"
	"	ldr w17, [x16, #4*group]\n"
	"	subs w17, w17, #1\n"
	"	str w17, [x16, #4*group]\n"
	"	b.mi 1f\n"
	"	adrp x16, entry_real+8*(32*group+name)\n"
	"	ldr x16, [x16, #:lo12:entry_real+8*(32*group+name)]\n"
	"	br x16\n"
	"1:	mov w17, #(32*group+name)\n"
	"	b entry_slow\n"
	".set name, name+1\n"
	".endr\n"
	".set group, group+1\n"
	".endr\n"
	".type entry_slow, @function\n"
	"entry_slow:\n"
	".cfi_startproc\n"
	"	stp x29, x30, [sp, #-96]!\n"
	".cfi_def_cfa_offset 96\n"
	".cfi_offset x29, -96\n"
	".cfi_offset x30, -88\n"
	"	mov x29, sp\n"
	"	stp x0, x1, [sp, #16]\n"
	"	stp x2, x3, [sp, #32]\n"
	"	stp x4, x5, [sp, #48]\n"
	"	stp x6, x7, [sp, #64]\n"
	"	str x8, [sp, #80]\n"
	"	mov w0, w17\n"
	"	bl entry_arrive\n"
	"	mov x16, x0\n"
	"	ldp x0, x1, [sp, #16]\n"
	"	ldp x2, x3, [sp, #32]\n"
	"	ldp x4, x5, [sp, #48]\n"
	"	ldp x6, x7, [sp, #64]\n"
	"	ldr x8, [sp, #80]\n"
	"	ldp x29, x30, [sp], #96\n"
	".cfi_restore x29\n"
	".cfi_restore x30\n"
	".cfi_def_cfa_offset 0\n"
	"	br x16\n"
	".cfi_endproc\n"
	".size entry_slow, .-entry_slow\n");
#endif

void *entry_arrive(unsigned index)
{
	int group = (int)index / ENTRY_NAMES;
	VISIT(visit);

	entry_thread.credit[group] = visit.welcome ? arrivals[group](group) : 0;
	return entry_real[index];
}

int entry_pace(int group)
{
	uint64_t now = guest_ticks(), since = now - entry_thread.ticks[group];
	int credit = entry_thread.last[group];

	if (since < GUEST_TICKS / 2)
		credit = credit < MOST_CREDIT ? 2 * credit + 1 : MOST_CREDIT;
	else
		credit /= 2;
	entry_thread.ticks[group] = now;
	entry_thread.last[group] = credit;
	return credit;
}

int entry_group(void)
{
	static atomic_int groups;
	int group = atomic_fetch_add(&groups, 1);

	return group < ENTRY_GROUPS ? group : -1;
}

void entry_open(int group, const struct elf *elf, const char *names, int (*arrive)(int group))
{
	struct elf_swap swaps[ENTRY_NAMES];
	int count = 0;

	arrivals[group] = arrive;
	for (; *names && count < ENTRY_NAMES; names += strlen(names) + 1, count++) {
		int index = group * ENTRY_NAMES + count;

		swaps[count] = (struct elf_swap){ names, elf_defines(elf, names, NULL),
						  entry_code[index] };
		entry_real[index] = swaps[count].from; /* before anybody comes by it */
	}
	elf_replace_all(elf, swaps, count);
}

void *entry_behind(void *fn)
{
	uintptr_t offset = (uintptr_t)fn - (uintptr_t)entry_code;

	return offset < sizeof entry_code ? entry_real[offset / CODE_SIZE] : fn;
}

void entry_forget(void)
{
	memset(entry_thread.credit, 0, sizeof entry_thread.credit);
}

#else

void *entry_arrive(unsigned index)
{
	(void)index;
	return NULL;
}

int entry_pace(int group)
{
	return group;
}

int entry_group(void)
{
	return -1;
}

void entry_open(int group, const struct elf *elf, const char *names, int (*arrive)(int group))
{
	(void)group;
	(void)elf;
	(void)names;
	(void)arrive;
}

void *entry_behind(void *fn)
{
	return fn;
}

void entry_forget(void)
{
}

#endif
