// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor tables and the accesses of ring.h.
 *
 * Every exception switches to one stack per vCPU (IST), behind which lies the
 * address of the vCPU's struct ring: so a handler needs no register to find it.
 * It never goes back to where the exception was, but to the end of ring_do(),
 * whose stack pointer was saved.  An exception that nobody awaited is noted and
 * ends in a triple fault, which the host sees.
 * (Intel SDM / AMD APM: 64-bit interrupt gates, IST, task state segment.)
 */
#include <stddef.h>

#include "guest/ring.h"

#define KERNEL_CODE	0x08	/* as the selftests library has it */
#define USER_DATA	0x1b
#define USER_CODE	0x23
#define TASK		0x28
#define RING_USER_HLT	5u	/* behind the call */

_Static_assert(offsetof(struct ring, rsp) == 0, "ring.c");
_Static_assert(offsetof(struct ring, value) == 8, "ring.c");
_Static_assert(offsetof(struct ring, vector) == 16, "ring.c");
_Static_assert(offsetof(struct ring, error) == 24, "ring.c");
_Static_assert(offsetof(struct ring, rip) == 32, "ring.c");
_Static_assert(offsetof(struct ring, cr2) == 40, "ring.c");
_Static_assert(offsetof(struct ring, died) == 48, "ring.c");
_Static_assert(offsetof(struct ring, user_code) == 56, "ring.c");
_Static_assert(offsetof(struct ring, user_stack) == 64, "ring.c");
_Static_assert(offsetof(struct ring, self) ==
	       offsetof(struct ring, stack) + RING_STACK_BYTES, "ring.c");

extern const char ring_entries[];
void ring_do(struct ring *r, unsigned int op, uint64_t gva, uint64_t value);

/*
 * ring_entries: 32 bytes per exception; those with an error code are 8, 10 to
 * 14, 17, 21, 29 and 30.  Then the handler, ring_do(), and the code for ring 3.
 */
asm(".pushsection .text\n"
    ".balign 32\n"
    ".globl ring_user_code, ring_user_code_end, ring_entries, ring_do\n"
    "ring_entries:\n"
    ".set vector, 0\n"
    ".rept 32\n"
    ".balign 32\n"
    ".if (0x60227d00 >> vector) & 1\n"
    ".else\n"
    "	push	$0\n"
    ".endif\n"
    "	push	$vector\n"
    "	jmp	ring_exception\n"
    ".set vector, vector + 1\n"
    ".endr\n"
    "ring_exception:\n"	/* rdi rax vector error rip cs flags rsp ss self */
    "	push	%rax\n"
    "	push	%rdi\n"
    "	mov	72(%rsp), %rdi\n"
    "	mov	%rax, 8(%rdi)\n"
    "	mov	16(%rsp), %rax\n"
    "	mov	%rax, 16(%rdi)\n"
    "	mov	24(%rsp), %rax\n"
    "	mov	%rax, 24(%rdi)\n"
    "	mov	32(%rsp), %rax\n"
    "	mov	%rax, 32(%rdi)\n"
    "	mov	%cr2, %rax\n"
    "	mov	%rax, 40(%rdi)\n"
    "	mov	$0x10, %eax\n"
    "	mov	%eax, %ss\n"
    "	cmpq	$0, (%rdi)\n"
    "	jne	ring_out\n"
    "	movq	$1, 48(%rdi)\n"
    "	pushq	$0\n"
    "	pushq	$0\n"
    "	lidt	(%rsp)\n"
    "	ud2\n"
    "ring_do:\n"	/* rdi: ring, esi: op, rdx: gva, rcx: value */
    "	push	%rbx\n"
    "	push	%rbp\n"
    "	push	%r12\n"
    "	push	%r13\n"
    "	push	%r14\n"
    "	push	%r15\n"
    "	pushfq\n"
    "	mov	%rsp, (%rdi)\n"
    "	movq	$0x100, 16(%rdi)\n"
    "	test	$0x10, %esi\n"
    "	jnz	3f\n"
    "	test	$0x20, %esi\n"
    "	jz	1f\n"
    "	pushfq\n"
    "	orq	$0x40000, (%rsp)\n"
    "	popfq\n"
    "1:	call	ring_touch\n"
    "	mov	%rax, 8(%rdi)\n"
    "ring_out:\n"
    "	mov	(%rdi), %rsp\n"
    "	movq	$0, (%rdi)\n"
    "	popfq\n"
    "	pop	%r15\n"
    "	pop	%r14\n"
    "	pop	%r13\n"
    "	pop	%r12\n"
    "	pop	%rbp\n"
    "	pop	%rbx\n"
    "	ret\n"
    "3:	pushq	$0x1b\n"
    "	pushq	64(%rdi)\n"
    "	pushq	$0x202\n"
    "	pushq	$0x23\n"
    "	pushq	56(%rdi)\n"
    "	iretq\n"
    ".balign 16\n"
    "ring_user_code:\n"
    "	call	ring_touch\n"
    "	hlt\n"
    "ring_touch:\n"
    "	and	$3, %esi\n"
    "	jz	4f\n"
    "	cmp	$2, %esi\n"
    "	jb	5f\n"
    "	je	6f\n"
    "	jmp	*%rdx\n"
    "4:	mov	(%rdx), %rax\n"
    "	ret\n"
    "5:	mov	%rcx, (%rdx)\n"
    "	ret\n"
    "6:	mov	%rcx, %rax\n"
    "	xchg	%rax, (%rdx)\n"
    "	ret\n"
    "ring_user_code_end:\n"
    ".popsection\n");

static void set_gate(struct ring *r, unsigned int vector, uint64_t to)
{
	/* Present, interrupt gate, the first IST stack. */
	r->idt[vector * 2] = (to & 0xffff) | (uint64_t)KERNEL_CODE << 16 |
			     1ull << 32 | 0x8e00ull << 32 |
			     (to >> 16 & 0xffff) << 48;
	r->idt[vector * 2 + 1] = to >> 32;
}

static void set_segments(struct ring *r)
{
	uint64_t base = (uintptr_t)r->tss, limit = sizeof(r->tss) - 1;
	uint64_t stack = (uintptr_t)&r->self;

	r->gdt[KERNEL_CODE / 8] = 0x00af9b000000ffff;
	r->gdt[2] = 0x00cf93000000ffff;
	r->gdt[USER_DATA / 8] = 0x00cff3000000ffff;
	r->gdt[USER_CODE / 8] = 0x00affb000000ffff;
	r->gdt[TASK / 8] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 |
			   (base >> 24 & 0xff) << 56;
	r->gdt[TASK / 8 + 1] = base >> 32;
	r->tss[1] = stack;		/* RSP0 */
	r->tss[2] = stack >> 32;
	r->tss[9] = stack;		/* IST1 */
	r->tss[10] = stack >> 32;
}

static void load(uint64_t *table, uint16_t bytes, int is_idt)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) p = { bytes - 1, (uintptr_t)table };

	if (is_idt)
		asm volatile("lidt %0" : : "m"(p) : "memory");
	else
		asm volatile("lgdt %0" : : "m"(p) : "memory");
}

void ring_set_up(struct ring *r)
{
	unsigned int i;

	if (r->is_set)
		return;
	r->is_set = 1;
	r->self = (uintptr_t)r;
	set_segments(r);
	for (i = 0; i < 32; i++)
		set_gate(r, i, (uintptr_t)ring_entries + i * 32);
	load(r->gdt, sizeof(r->gdt), 0);
	load(r->idt, sizeof(r->idt), 1);
	asm volatile("ltr %w0" : : "r"(TASK) : "memory");
}

int ring_access(struct ring *r, unsigned int op, uint64_t gva, uint64_t value)
{
	ring_do(r, op, gva, value);
	asm volatile("" : : : "memory");
	/* HLT is not for ring 3: that is how it comes back. */
	if (op & RING_USER && r->vector == RING_GP &&
	    r->rip == r->user_code + RING_USER_HLT)
		r->vector = RING_FINE;
	return r->vector == RING_FINE;
}
