/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The border to the KVM selftests library.  Differences between its versions
 * (6.1 to 7.1) are hidden here, and only files that include this header may
 * use its API.  What the preprocessor cannot see, tools/kvmlib-shape tries out:
 * it defines the KVMLIB_ words.
 *
 * The library reports its own failures with TEST_ASSERT(), which prints and
 * exits with 254, or with 4 for EACCES.  That is accepted here: each case runs
 * in a process of its own, and the frame turns such an exit into a record.
 * What a user can get wrong is checked before the library is called.
 */
#ifndef MMUBENCH_KVMCOMPAT_H
#define MMUBENCH_KVMCOMPAT_H

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "ucall_common.h"

/* Its helpers for guests of guests, where they are those that we know. */
#ifdef KVMLIB_NESTED
#include "svm_util.h"
#include "vmx.h"
#endif

/* Since 6.9 the mode and type of a VM are bundled into a shape. */
#ifdef VM_SHAPE
#define COMPAT_VM_DEFAULT VM_SHAPE_DEFAULT
#else
#define COMPAT_VM_DEFAULT VM_MODE_DEFAULT
#endif

/* Create a VM with the library's slot 0, its code and room for page tables. */
static inline struct kvm_vm *compat_vm_create(unsigned int nr_vcpus,
					      uint64_t extra_pages)
{
	return __vm_create(COMPAT_VM_DEFAULT, nr_vcpus, extra_pages);
}

/* Memory of the guest for tables and stacks, mapped at @min_gva or above it. */
static inline uint64_t compat_vm_alloc(struct kvm_vm *vm, uint64_t bytes,
				       uint64_t min_gva)
{
#ifdef KVMLIB_VM_ALLOC
	return vm_alloc(vm, bytes, min_gva);
#else
	return vm_vaddr_alloc(vm, bytes, min_gva);
#endif
}

/* The guest's top page table, and how many levels of tables it heads: 4 or 5. */
static inline uint64_t compat_vm_root(const struct kvm_vm *vm)
{
#ifdef KVMLIB_VM_MMU
	return vm->mmu.pgd;
#else
	return vm->pgd;
#endif
}

static inline int compat_vm_levels(const struct kvm_vm *vm)
{
#ifdef KVMLIB_VM_MMU
	return vm->mmu.pgtable_levels;
#else
	return vm->pgtable_levels;
#endif
}

/* The top of 4 levels: all of ours lies below the first entry of a fifth. */
static inline uint64_t compat_vm_root4(struct kvm_vm *vm)
{
	uint64_t root = compat_vm_root(vm);

	if (compat_vm_levels(vm) == 5)
		root = *(uint64_t *)addr_gpa2hva(vm, root) & 0x000ffffffffff000ull;
	return root;
}

/*
 * Older libraries leave descriptor tables to the test.  Newer ones make them
 * with the VM and lack these functions, so the linker decides.
 */
void vm_init_descriptor_tables(struct kvm_vm *vm) __attribute__((weak));
void vcpu_init_descriptor_tables(struct kvm_vcpu *vcpu) __attribute__((weak));

static inline void compat_vm_prepare_exceptions(struct kvm_vm *vm)
{
	if (vm_init_descriptor_tables)
		vm_init_descriptor_tables(vm);
}

static inline void compat_vcpu_prepare_exceptions(struct kvm_vcpu *vcpu)
{
	if (vcpu_init_descriptor_tables)
		vcpu_init_descriptor_tables(vcpu);
}

/*
 * The text of a failed guest assertion.  Older libraries pass the address of a
 * string constant, which is the same in guest and host.
 */
static inline const char *compat_ucall_text(const struct ucall *uc)
{
#ifdef UCALL_BUFFER_LEN
	return uc->buffer;
#else
	return (const char *)uc->args[0];
#endif
}

#endif
