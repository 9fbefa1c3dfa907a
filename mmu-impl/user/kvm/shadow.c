// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that shadow paging maps, as far as the dirty log is concerned.
 *
 * Question: does each report arm what shadow paging maps, too?
 * Method: one bit per page of a slot says whether a write gets through.  A
 * fault sets it and marks the log, with mmu_lock for write; arming clears it.
 * A write is done in guest mode, so that a flush waits for it, and counts like
 * any other: oracle.c finds it in the log or complains.
 * Cannot tell: anything else about shadow paging; there are no tables, and
 * aging and zaps pass it by.
 */
#include "kvm/shadow.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "sim/witness.h"

static bool *gate_of(struct vm_slot_state *st, gfn_t gfn)
{
	return &st->shadow_w[gfn - st->base_gfn];
}

static void shadow_fault(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	const u32 no = KVM_MEM_READONLY | KVM_MEMSLOT_INVALID;
	struct kvm_memory_slot *slot;
	struct kvm *vm = vcpu->kvm;
	int reader;

	reader = srcu_read_lock(&vm->srcu);
	write_lock(&vm->mmu_lock);
	slot = kvm_vcpu_gfn_to_memslot(vcpu, gfn);
	if (slot && !(slot->flags & no)) {
		mark_page_dirty_in_slot(vm, slot, gfn);
		WRITE_ONCE(*gate_of(slot->state, gfn), true);
	}
	write_unlock(&vm->mmu_lock);
	srcu_read_unlock(&vm->srcu, reader);
}

/* In guest mode: nobody but a flush can tell when it happens. */
static bool write_through(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	struct vm_slot_state *st;

	st = slot_state_of(vm_of(vcpu->kvm), vcpu->arch.mmu->root_role.smm, gfn);
	if (!st || !READ_ONCE(*gate_of(st, gfn)))
		return false;
	oracle_wrote(st, gfn);
	return true;
}

void shadow_write(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	bool done = false;
	int tries;

	__atomic_store_n(&task_current->vcpu, vcpu, __ATOMIC_RELEASE);
	for (tries = 0; tries < 4 && !done; tries++) {
		if (!vcpu_enter(vcpu)) {
			cond_resched();
			continue;
		}
		done = write_through(vcpu, gfn);
		vcpu_leave(vcpu);
		if (!done)
			shadow_fault(vcpu, gfn);
	}
	__atomic_store_n(&task_current->vcpu, NULL, __ATOMIC_RELEASE);
}

void shadow_arm(struct kvm_memory_slot *slot, gfn_t offset, unsigned long mask)
{
	struct vm_slot_state *st = slot->state;

	for (; mask; mask &= mask - 1)
		WRITE_ONCE(st->shadow_w[offset + __ffs(mask)], false);
}

void shadow_arm_slot(struct vm *vm, struct kvm_memory_slot *slot)
{
	struct vm_slot_state *st = slot->state;
	unsigned long i;

	if (!kvm_memslots_have_rmaps(&vm->kvm))
		return;
	write_lock(&vm->kvm.mmu_lock);
	for (i = 0; i < slot->npages; i++)
		__atomic_store_n(&st->shadow_w[i], false, __ATOMIC_RELEASE);
	kvm_flush_remote_tlbs(&vm->kvm);
	write_unlock(&vm->kvm.mmu_lock);
}
