// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMU notifiers: what the host's changes and questions become for an engine.
 *
 * Question: does the sequence that faults check cover every invalidation, and
 * is the engine asked for all slots that show a host page?
 * Method: by contract: mmu_lock for write, the range marked, the SPTEs of each
 * slot dropped, a flush before the lock is dropped; the sequence moves at the
 * end.  Aging runs as the engine under test wants it, locked or not.
 * Cannot tell: notifiers of other users, and registration.
 */
#include "kvm/notify.h"
#include "kvm/vm.h"
#include "sim/witness.h"

void kvm_mmu_invalidate_begin(struct kvm *kvm)
{
	bool first = !kvm->mmu_invalidate_in_progress++;
	gfn_t none = INVALID_GPA;

	lockdep_assert_held_write(&kvm->mmu_lock);
	if (first)
		kvm->mmu_invalidate_range_start =
			kvm->mmu_invalidate_range_end = none;
}

void kvm_mmu_invalidate_range_add(struct kvm *kvm, gfn_t start, gfn_t end)
{
	gfn_t *lo = &kvm->mmu_invalidate_range_start;
	gfn_t *hi = &kvm->mmu_invalidate_range_end;

	lockdep_assert_held_write(&kvm->mmu_lock);
	WARN_ON(!kvm->mmu_invalidate_in_progress);
	if (*lo == INVALID_GPA) {
		*lo = start;
		*hi = end;
		return;
	}
	*lo = min(*lo, start);
	*hi = max(*hi, end);
}

void kvm_mmu_invalidate_end(struct kvm *kvm)
{
	lockdep_assert_held_write(&kvm->mmu_lock);
	__atomic_add_fetch(&kvm->mmu_invalidate_seq, 1, __ATOMIC_SEQ_CST);
	WARN_ON(!kvm->mmu_invalidate_in_progress);
	kvm->mmu_invalidate_in_progress--;
}

int mmu_invalidate_retry_gfn(struct kvm *kvm, unsigned long seq, gfn_t gfn)
{
	lockdep_assert_held(&kvm->mmu_lock);
	if (kvm->mmu_invalidate_in_progress) {
		gfn_t lo = kvm->mmu_invalidate_range_start;

		if (gfn - lo < kvm->mmu_invalidate_range_end - lo)
			return 1;
	}
	return __atomic_load_n(&kvm->mmu_invalidate_seq, __ATOMIC_SEQ_CST) !=
	       seq;
}

/* Clips to a slot and turns host pages into guest frames. */
static bool range_in_slot(struct kvm_memory_slot *slot, unsigned long first,
			  unsigned long nr, struct kvm_gfn_range *r)
{
	unsigned long lo = slot->userspace_addr >> PAGE_SHIFT;
	unsigned long from = max(lo, first);
	unsigned long to = min(lo + slot->npages, first + nr);

	if (from >= to)
		return false;
	*r = (struct kvm_gfn_range){
		.slot = slot, .start = slot->base_gfn + (from - lo),
		.end = slot->base_gfn + (to - lo),
	};
	return true;
}

void host_invalidate_begin(struct vm *vm, unsigned long first,
			   unsigned long nr, bool may_block)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_gfn_range r;
	bool locked = false, flush = false;
	int as, id, idx;

	lockdep_assert_held(&vm->host.mmap_lock);
	spin_lock(&vm->host.mn_lock);
	vm->host.invalidating++;
	spin_unlock(&vm->host.mn_lock);
	idx = srcu_read_lock(&kvm->srcu);
	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(kvm, as);

		for (id = 0; id < VM_SLOTS; id++) {
			if (!slots->slot[id] ||
			    !range_in_slot(slots->slot[id], first, nr, &r))
				continue;
			if (!locked) {
				write_lock(&kvm->mmu_lock);
				kvm_mmu_invalidate_begin(kvm);
				locked = true;
			}
			r.may_block = may_block;
			kvm_mmu_invalidate_range_add(kvm, r.start, r.end);
			flush |= kvm_tdp_mmu_unmap_gfn_range(kvm, &r, false);
		}
	}
	if (flush)
		kvm_flush_remote_tlbs(kvm);
	if (locked)
		write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
	oracle_unmapped(vm, first, nr);
}

static bool any_slot_has(struct vm *vm, unsigned long first, unsigned long nr)
{
	struct kvm_gfn_range r;
	int as, id;

	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(&vm->kvm, as);

		for (id = 0; id < VM_SLOTS; id++)
			if (slots->slot[id] &&
			    range_in_slot(slots->slot[id], first, nr, &r))
				return true;
	}
	return false;
}

void host_invalidate_end(struct vm *vm, unsigned long first, unsigned long nr)
{
	int idx = srcu_read_lock(&vm->kvm.srcu);

	if (any_slot_has(vm, first, nr)) {
		write_lock(&vm->kvm.mmu_lock);
		kvm_mmu_invalidate_end(&vm->kvm);
		write_unlock(&vm->kvm.mmu_lock);
	}
	srcu_read_unlock(&vm->kvm.srcu, idx);
	spin_lock(&vm->host.mn_lock);
	vm->host.invalidating--;
	spin_unlock(&vm->host.mn_lock);
}

static bool age_slot(struct vm *vm, struct kvm_gfn_range *r, int how)
{
	struct oracle_age a;
	bool young;

	oracle_age_begin(&a, r);
	if (how == 2)
		young = kvm_tdp_mmu_test_age_gfn(&vm->kvm, r);
	else
		young = kvm_tdp_mmu_age_gfn_range(&vm->kvm, r);
	oracle_age_end(&a, how != 2, young);
	return young;
}

/*
 * The stock engine ages under mmu_lock held for write; ours must not
 * need it.
 */
bool host_age(struct vm *vm, unsigned long first, unsigned long nr, int how)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_gfn_range r;
	bool young = false;
	int as, id, idx;

	idx = srcu_read_lock(&kvm->srcu);
	if (FACE_AGE_LOCKED)
		write_lock(&kvm->mmu_lock);
	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(kvm, as);

		for (id = 0; id < VM_SLOTS; id++)
			if (slots->slot[id] &&
			    range_in_slot(slots->slot[id], first, nr, &r))
				young |= age_slot(vm, &r, how);
	}
	if (FACE_AGE_LOCKED && how == 1 && young)
		kvm_flush_remote_tlbs(kvm);
	if (FACE_AGE_LOCKED)
		write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
	return young;
}
