// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: which guest pages behind a host address range were accessed?
 *
 * Method: find the memslots through the interval tree under SRCU and hand each
 * piece to the architecture's aging handlers without mmu_lock.  They are safe
 * without it for the direct MMU (RCU keeps tables, atomic operations keep
 * SPTEs); shadow paging takes the lock for its own part.
 *
 * No TLB is flushed, not even for clear_flush_young: a stale entry makes a page
 * look old at worst, which costs a reclaim decision and never data, and the
 * flush costs every vCPU an exit per page.
 *
 * What it cannot tell: accesses through TLB entries cached before the last
 * aging pass.
 *
 * A memslot that goes away meanwhile:
 *
 *	aging				memslot deletion
 *	srcu_read_lock()
 *	find slot in old memslots
 *					publish memslots without slot
 *	age through slot		synchronize_srcu() waits
 *	srcu_read_unlock()
 *					free slot
 *
 * safe because the slot outlives the SRCU reader, and a zapped SPTE is simply
 * not young.
 */
#include <linux/interval_tree.h>
#include <linux/kvm_host.h>

#include "hooks.h"
#include "base/stats.h"

static bool age_slot(struct kvm *kvm, struct kvm_memory_slot *slot,
		     unsigned long start, unsigned long end,
		     enum mmub_age_mode mode)
{
	unsigned long slot_end = slot->userspace_addr +
				 (slot->npages << PAGE_SHIFT);
	unsigned long first = max(start, slot->userspace_addr);
	unsigned long last = min(end, slot_end);
	struct kvm_gfn_range gfns = {
		.slot = slot,
		.start = hva_to_gfn_memslot(first, slot),
		.end = hva_to_gfn_memslot(last + PAGE_SIZE - 1, slot),
		.attr_filter = KVM_FILTER_SHARED,
		.may_block = false,
	};

	if (mode == MMU_AGE_TEST)
		return kvm_test_age_gfn(kvm, &gfns);
	return kvm_age_gfn(kvm, &gfns);
}

static bool age_slots(struct kvm *kvm, struct kvm_memslots *slots,
		      unsigned long start, unsigned long end,
		      enum mmub_age_mode mode)
{
	struct interval_tree_node *node;
	bool young = false;

	node = interval_tree_iter_first(&slots->hva_tree, start, end - 1);
	while (node) {
		young |= age_slot(kvm, container_of(node,
					struct kvm_memory_slot,
					hva_node[slots->node_idx]),
				  start, end, mode);
		node = interval_tree_iter_next(node, start, end - 1);
	}
	return young;
}

int mmub_notify_age(struct kvm *kvm, unsigned long start, unsigned long end,
		    enum mmub_age_mode mode)
{
	int spaces = kvm_arch_nr_memslot_as_ids(kvm);
	bool young = false;
	int srcu, as_id;

	if (WARN_ON_ONCE(start >= end))
		return 0;

	srcu = srcu_read_lock(&kvm->srcu);
	for (as_id = 0; as_id < spaces; as_id++)
		young |= age_slots(kvm, __kvm_memslots(kvm, as_id), start, end,
				   mode);
	srcu_read_unlock(&kvm->srcu, srcu);

	if (young && mode == MMU_AGE_CLEAR_FLUSH)
		mmub_count(flush_young_elided);
	return young;
}

void mmub_notify_lock(struct kvm *kvm)
{
	mmub_count(lock_write_age);
	write_lock(&kvm->mmu_lock);
}

void mmub_notify_unlock(struct kvm *kvm)
{
	write_unlock(&kvm->mmu_lock);
}
