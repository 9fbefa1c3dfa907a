// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2 by Intel's extension.  The library fills in the control structure; nested
 * paging and the switch are here, because the library's switch loses L2's
 * registers.  (Intel SDM: virtual machine extensions.)
 */
#include "rig/kvmcompat.h"
#include "nested.h"

#ifdef KVMLIB_NESTED

#define VMCALL_BYTES	3u
#define RFLAGS_IF	(1ull << 9)
#define RFLAGS_FIXED	(1ull << 1)
#define EPTP_WB_4_LEVELS 0x1eull
#define EPTP_AD		(1ull << 6)
#define EPT_CAP_AD	(1ull << 21)

static bool vmx_is_there(void)
{
	return kvm_cpu_has(X86_FEATURE_VMX);
}

static bool vmx_has_tables(void)
{
	return kvm_cpu_has_ept();
}

static uint64_t vmx_allot(struct kvm_vm *vm)
{
	uint64_t gva = 0;

	vcpu_alloc_vmx(vm, (void *)&gva);
	return gva;
}

static void use_tables(uint64_t root_gpa)
{
	uint64_t eptp = root_gpa | EPTP_WB_4_LEVELS;

	if (rdmsr(MSR_IA32_VMX_EPT_VPID_CAP) & EPT_CAP_AD)
		eptp |= EPTP_AD;
	vmwrite(EPT_POINTER, eptp);
	vmwrite(SECONDARY_VM_EXEC_CONTROL, SECONDARY_EXEC_ENABLE_EPT);
	vmwrite(CPU_BASED_VM_EXEC_CONTROL, vmreadz(CPU_BASED_VM_EXEC_CONTROL) |
		CPU_BASED_ACTIVATE_SECONDARY_CONTROLS);
}

static void vmx_begin(struct nested *n, void *rip)
{
	struct vmx_pages *vmx = n->machine;

	GUEST_ASSERT(prepare_for_vmx_operation(vmx));
	GUEST_ASSERT(load_vmcs(vmx));
	/* As after a call: the stack is 8 off a multiple of 16. */
	prepare_vmcs(vmx, rip, (void *)(n->stack_gva - 8));
	vmwrite(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	if (n->tables_gpa)
		use_tables(n->tables_gpa);
}

/* Run L2 with @regs; 0, or 1 if the CPU refused. */
int nested_vmx_run(struct nested_regs *regs, uint64_t again);

/* 0x6c14 and 0x6c16: the stack and the instruction to come back to. */
asm(".pushsection .text\n"
    "nested_vmx_run:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	push %rdi\n"
    "	mov $0x6c14, %eax\n"
    "	vmwrite %rsp, %rax\n"
    "	mov $0x6c16, %eax\n"
    "	lea 2f(%rip), %rdx\n"
    "	vmwrite %rdx, %rax\n"
    "	test %rsi, %rsi\n"
    "	mov 0x00(%rdi), %rax\n"
    "	mov 0x08(%rdi), %rbx; mov 0x10(%rdi), %rcx; mov 0x18(%rdi), %rdx\n"
    "	mov 0x20(%rdi), %rsi; mov 0x30(%rdi), %rbp; mov 0x38(%rdi), %r8\n"
    "	mov 0x40(%rdi), %r9; mov 0x48(%rdi), %r10; mov 0x50(%rdi), %r11\n"
    "	mov 0x58(%rdi), %r12; mov 0x60(%rdi), %r13; mov 0x68(%rdi), %r14\n"
    "	mov 0x70(%rdi), %r15; mov 0x28(%rdi), %rdi\n"
    "	jnz 1f\n"
    "	vmlaunch\n"
    "	jmp 3f\n"
    "1:	vmresume\n"
    "3:	pop %rdi\n"
    "	mov $1, %eax\n"
    "	jmp 4f\n"
    "2:	xchg %rdi, (%rsp)\n"
    "	mov %rax, 0x00(%rdi)\n"
    "	mov %rbx, 0x08(%rdi); mov %rcx, 0x10(%rdi); mov %rdx, 0x18(%rdi)\n"
    "	mov %rsi, 0x20(%rdi); mov %rbp, 0x30(%rdi); mov %r8, 0x38(%rdi)\n"
    "	mov %r9, 0x40(%rdi); mov %r10, 0x48(%rdi); mov %r11, 0x50(%rdi)\n"
    "	mov %r12, 0x58(%rdi); mov %r13, 0x60(%rdi); mov %r14, 0x68(%rdi)\n"
    "	mov %r15, 0x70(%rdi); pop 0x28(%rdi)\n"
    "	xor %eax, %eax\n"
    "4:	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	ret\n"
    ".popsection\n");

static void vmx_enter(struct nested *n)
{
	GUEST_ASSERT(!nested_vmx_run(&n->regs, n->entered));
	n->entered = true;
	GUEST_ASSERT_EQ(vmreadz(VM_EXIT_REASON), EXIT_REASON_VMCALL);
	vmwrite(GUEST_RIP, vmreadz(GUEST_RIP) + VMCALL_BYTES);
}

static void vmx_leave(void)
{
	asm volatile("vmcall" : : "a"(0xdeadbeef), "c"(0xbeefdead) : "memory");
}

const struct nested_kind nested_vmx = {
	.name = "VMX",
	.is_there = vmx_is_there,
	.has_tables = vmx_has_tables,
	.allot = vmx_allot,
	.table_bits = 0x7,	/* read, write, execute */
	.leaf_bits = 0x37,	/* and write-back */
	.begin = vmx_begin,
	.enter = vmx_enter,
	.leave = vmx_leave,
};

#endif
