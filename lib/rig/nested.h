/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that is a hypervisor: it runs the jobs in a guest of its own.
 * Private to this folder.
 *
 * L0 is KVM, L1 the program that a vCPU starts with, L2 what L1 runs.  L1 and L2
 * share code, stacks' memory and L1's page tables; L2's physical addresses go
 * through nested page tables of L1, where the CPU has them, which map each to
 * itself in pages of 2M and of 4K.
 */
#ifndef MMUBENCH_RIG_NESTED_H
#define MMUBENCH_RIG_NESTED_H

#include "rig/rig.h"

/* General registers of L2 while L1 runs; the order is nested_asm.h's. */
struct nested_regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
};

/* Of one vCPU, in the guest's memory. */
struct nested {
	const struct nested_kind *kind;
	void *machine;		/* gva of what the library allots a vCPU */
	uint64_t tables_gpa;	/* root of the nested tables */
	uint64_t stack_gva;	/* end of L2's stack */
	struct guest_job *job;
	struct nested_regs regs;
	bool entered;		/* L2 has run before */
	volatile bool is_done;	/* L2 has finished its job */
};

/* One per kind of virtual machine extension. */
struct nested_kind {
	const char *name;
	/* Host: does KVM give it to its guests, and nested paging, too? */
	bool (*is_there)(void);
	bool (*has_tables)(void);
	/* Host: allot what a vCPU needs; its address in the guest. */
	uint64_t (*allot)(struct kvm_vm *vm);
	uint64_t leaf_bits, table_bits;	/* of entries of nested tables */
	/* L1: prepare for L2 to begin at @rip. */
	void (*begin)(struct nested *n, void *rip);
	/* L1: run L2 until it calls. */
	void (*enter)(struct nested *n);
	/* L2: leave to L1. */
	void (*leave)(void);
};

extern const struct nested_kind nested_svm, nested_vmx;

/*
 * Give vCPU @i what it needs, and its address in the guest.  0, or -errno with
 * @why, a skip if KVM gives its guests no such extension.
 */
int nested_add(struct rig *rig, unsigned int i, uint64_t *nested_gva,
	       struct reason *why);

/* L1's program: jobs as guestcode_main() takes them. */
void nested_main(struct guest_job *job, volatile uint64_t *doorbell,
		 struct nested *n);

#endif
