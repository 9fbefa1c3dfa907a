// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rest of KVM that calls an engine: zaps of ranges and roots, write
 * protection for others, recovery of huge pages, teardown.
 */
#include "kvm/agents.h"
#include "kvm/vm.h"

void vm_zap_all_fast(struct vm *vm)
{
	struct kvm *own = &vm->kvm;

	lockdep_assert_held(&own->slots_lock);
	if (!tdp_mmu_enabled)
		return;
	/* Roots first: a vCPU that is told must not find one valid. */
	write_lock(&own->mmu_lock);
	kvm_tdp_mmu_invalidate_all_roots(own);
	kvm_make_all_cpus_request(own, KVM_REQ_MMU_FREE_OBSOLETE_ROOTS);
	write_unlock(&own->mmu_lock);
	kvm_tdp_mmu_zap_invalidated_roots(own);
}

void agent_zap_gfn_range(struct vm *vm, gfn_t start, gfn_t end)
{
	struct kvm *kvm = &vm->kvm;
	int idx = srcu_read_lock(&kvm->srcu);

	write_lock(&kvm->mmu_lock);
	kvm_mmu_invalidate_begin(kvm);
	kvm_mmu_invalidate_range_add(kvm, start, end);
	if (kvm_tdp_mmu_zap_leafs(kvm, start, end, false))
		kvm_flush_remote_tlbs_range(kvm, start, end - start);
	kvm_mmu_invalidate_end(kvm);
	write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
}

/*
 * Somebody (a shadow of a guest page table) must see every write to @gfn:
 * from the return on none gets past it, until it is told to stop.
 */
static void write_protect(struct kvm *kvm, int as_id, gfn_t gfn)
{
	struct kvm_memory_slot *slot;
	struct vm_slot_state *st;
	unsigned long rel;

	slot = __gfn_to_memslot(__kvm_memslots(kvm, as_id), gfn);
	if (!slot)
		return;
	st = slot->state;
	rel = (unsigned long)(gfn - slot->base_gfn);
	write_lock(&kvm->mmu_lock);
	if (st->tracked[rel]) {
		WRITE_ONCE(st->tracked[rel], 0);
		st->tracked_regions[gfn >> 9 & 3]--;
	} else {
		WRITE_ONCE(st->tracked[rel], 1);
		st->tracked_regions[gfn >> 9 & 3]++;
		if (kvm_tdp_mmu_write_protect_gfn(kvm, slot, gfn, PG_LEVEL_4K))
			kvm_flush_remote_tlbs(kvm);
		WRITE_ONCE(st->tracked[rel], 2);
	}
	write_unlock(&kvm->mmu_lock);
}

void agent_write_protect(struct vm *vm, int as_id, gfn_t gfn)
{
	mutex_lock(&vm->kvm.slots_lock);
	write_protect(&vm->kvm, as_id, gfn);
	mutex_unlock(&vm->kvm.slots_lock);
}

/* The same by a vCPU's fault, beside calls that hold slots_lock. */
void agent_shadow(struct vm *vm, int as_id, gfn_t gfn)
{
	int idx = srcu_read_lock(&vm->kvm.srcu);

	write_protect(&vm->kvm, as_id, gfn);
	srcu_read_unlock(&vm->kvm.srcu, idx);
}

void agent_recover_nx(struct vm *vm)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_memory_slot *slot;
	struct kvm_mmu_page *sp;
	bool flush = false;
	int i, idx = srcu_read_lock(&kvm->srcu);

	write_lock(&kvm->mmu_lock);
	/* The pages must outlive the flush. */
	rcu_read_lock();
	for (i = 0; i < 4; i++) {
		if (list_empty(&kvm->arch.possible_nx_huge_pages))
			break;
		sp = list_first_entry(&kvm->arch.possible_nx_huge_pages,
				      struct kvm_mmu_page,
				      possible_nx_huge_page_link);
		WARN(!sp->nx_huge_page_disallowed || !sp->role.direct,
		     "wrong page on the list of split huge pages");
		slot = __gfn_to_memslot(__kvm_memslots(kvm, sp->role.smm),
					sp->gfn);
		if (slot && kvm_slot_dirty_track_enabled(slot)) {
			sp->nx_huge_page_disallowed = false;
			untrack_possible_nx_huge_page(kvm, sp);
		} else {
			flush |= kvm_tdp_mmu_zap_sp(kvm, sp);
		}
		WARN(sp->nx_huge_page_disallowed,
		     "zapped page still forbids a huge page");
	}
	if (flush)
		kvm_flush_remote_tlbs(kvm);
	rcu_read_unlock();
	write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
}

/* The process is gone: nothing may map its memory, no flush is due. */
void agent_flush_shadow_all(struct vm *vm)
{
	int idx;

	if (!tdp_mmu_enabled)
		return;
	idx = srcu_read_lock(&vm->kvm.srcu);
	write_lock(&vm->kvm.mmu_lock);
	kvm_tdp_mmu_zap_all(&vm->kvm);
	write_unlock(&vm->kvm.mmu_lock);
	srcu_read_unlock(&vm->kvm.srcu, idx);
}

void agent_split(struct vm *vm, int as_id, int id)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_memory_slot *slot;

	mutex_lock(&kvm->slots_lock);
	slot = kvm->memslots[as_id]->slot[id];
	if (slot && !(slot->flags & KVM_MEMSLOT_INVALID)) {
		read_lock(&kvm->mmu_lock);
		kvm_tdp_mmu_try_split_huge_pages(kvm, slot, slot->base_gfn,
						 slot->base_gfn + slot->npages,
						 PG_LEVEL_4K, true);
		read_unlock(&kvm->mmu_lock);
	}
	mutex_unlock(&kvm->slots_lock);
}
