/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine: the simulated host around an engine. The files beside this one
 * play the part of mmu.c and kvm_main.c, from their contracts.
 */
#ifndef MMU_USER_VM_H
#define MMU_USER_VM_H

#include "kvm/face.h"
#include "kvm/memslot.h"
#include "sim/host.h"
#include "sim/hw.h"

struct vm_config {
	enum hw_mode mode;
	bool pml;
	bool nx;
	bool eager_split;
	bool manual_protect;
	bool init_set;
	bool precise_zap;
	bool rmaps; /* shadow paging has its share of the log */
	bool no_tdp; /* all memory is shadowed, as with npt=0 or ept=0 */
	bool dbit; /* our engine only: log by Dirty bits */
	bool no_around; /* our engine only: no neighbours of a fault */
	bool no_recover, no_restore; /* our engine only: log off as stock */
	unsigned int recover_batch; /* our engine only: tables per flush, or 0 */
	unsigned int fail_one_in;
};

struct vm {
	struct kvm kvm;
	struct vm_config cfg;
	struct host_mm host;
	struct kvm_vcpu vcpu[VM_VCPUS];
	struct hw_cpu cpu[VM_VCPUS];
	struct vm_slot_state st[KVM_MAX_NR_ADDRESS_SPACES][VM_SLOTS];
	int nr_vcpus;
	bool stop;
	long pgtable_pages;
	u64 ops;
	u64 ops_per_task;
	unsigned long hot;
	bool calm;
};

extern struct vm *the_vm;

static inline struct vm *vm_of(struct kvm *kvm)
{
	return kvm->vm;
}

/* Once per process. */
void vm_set_mode(enum hw_mode mode);

void vm_setup(struct vm *vm, const struct vm_config *cfg, int nr_vcpus);
void vm_destroy(struct vm *vm);

#endif
