// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2 by AMD's extension.  The library fills in the control block; nested paging
 * and the switch are here, because the library's switch keeps the registers of
 * one vCPU only.  (AMD APM: secure virtual machine.)
 *
 * What VMRUN does not switch (FS, GS, TR, LDTR and some registers) L1 and L2 have
 * in common.
 */
#include "rig/kvmcompat.h"
#include "nested.h"

#ifdef KVMLIB_NESTED

#define EXIT_VMMCALL	0x81u
#define VMMCALL_BYTES	3u
#define RFLAGS_IF	(1ull << 9)
#define RFLAGS_FIXED	(1ull << 1)

static bool svm_is_there(void)
{
	return kvm_cpu_has(X86_FEATURE_SVM);
}

static bool svm_has_tables(void)
{
	return kvm_cpu_has(X86_FEATURE_NPT);
}

static uint64_t svm_allot(struct kvm_vm *vm)
{
	uint64_t gva = 0;

	vcpu_alloc_svm(vm, (void *)&gva);
	return gva;
}

static void svm_begin(struct nested *n, void *rip)
{
	struct svm_test_data *svm = n->machine;
	struct vmcb *vmcb = svm->vmcb;

	/* As after a call: the stack is 8 off a multiple of 16. */
	generic_svm_setup(svm, rip, (void *)(n->stack_gva - 8));
	vmcb->save.rflags = RFLAGS_FIXED | RFLAGS_IF;
	if (!n->tables_gpa)
		return;
	vmcb->control.nested_ctl |= SVM_NESTED_CTL_NP_ENABLE;
	vmcb->control.nested_cr3 = n->tables_gpa;
}

/* Run L2 with @regs, all but those that the control block holds. */
void nested_svm_run(struct nested_regs *regs, uint64_t vmcb_gpa);

asm(".pushsection .text\n"
    "nested_svm_run:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	push %rdi\n"
    "	mov %rsi, %rax\n"
    "	mov 0x08(%rdi), %rbx; mov 0x10(%rdi), %rcx; mov 0x18(%rdi), %rdx\n"
    "	mov 0x20(%rdi), %rsi; mov 0x30(%rdi), %rbp; mov 0x38(%rdi), %r8\n"
    "	mov 0x40(%rdi), %r9; mov 0x48(%rdi), %r10; mov 0x50(%rdi), %r11\n"
    "	mov 0x58(%rdi), %r12; mov 0x60(%rdi), %r13; mov 0x68(%rdi), %r14\n"
    "	mov 0x70(%rdi), %r15; mov 0x28(%rdi), %rdi\n"
    "	vmrun %rax\n"
    "	xchg %rdi, (%rsp)\n"
    "	mov %rbx, 0x08(%rdi); mov %rcx, 0x10(%rdi); mov %rdx, 0x18(%rdi)\n"
    "	mov %rsi, 0x20(%rdi); mov %rbp, 0x30(%rdi); mov %r8, 0x38(%rdi)\n"
    "	mov %r9, 0x40(%rdi); mov %r10, 0x48(%rdi); mov %r11, 0x50(%rdi)\n"
    "	mov %r12, 0x58(%rdi); mov %r13, 0x60(%rdi); mov %r14, 0x68(%rdi)\n"
    "	mov %r15, 0x70(%rdi); pop 0x28(%rdi)\n"
    "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	stgi\n"
    "	ret\n"
    ".popsection\n");

static void svm_enter(struct nested *n)
{
	struct svm_test_data *svm = n->machine;
	struct vmcb *vmcb = svm->vmcb;

	nested_svm_run(&n->regs, svm->vmcb_gpa);
	GUEST_ASSERT_EQ((uint32_t)vmcb->control.exit_code, EXIT_VMMCALL);
	vmcb->save.rip += VMMCALL_BYTES;
}

/* Values that L0 takes for no call to itself. */
static void svm_leave(void)
{
	asm volatile("vmmcall" : : "a"(0xdeadbeef), "c"(0xbeefdead) : "memory");
}

const struct nested_kind nested_svm = {
	.name = "SVM",
	.is_there = svm_is_there,
	.has_tables = svm_has_tables,
	.allot = svm_allot,
	.table_bits = 0x7,	/* present, writable, user */
	.leaf_bits = 0x7,
	.begin = svm_begin,
	.enter = svm_enter,
	.leave = svm_leave,
};

#endif
