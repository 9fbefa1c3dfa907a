/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changes of SPTEs tell the dirty log.
 *
 * With a bitmap and hardware Dirty bits, "written since the last report" means
 * that D is set in a leaf or that the page's bit is set in the slot's bitmap.
 * Whoever destroys the first sets the second.
 */
#ifndef MMU_DIRTY_H
#define MMU_DIRTY_H

#include "internal.h"
#include "base/change.h"

/*
 * Does this VM learn of guest writes from Dirty bits? Constant for a VM once
 * its first vCPU exists. If so, leaves of the direct MMU stay writable while
 * they are logged; leaves of the shadow MMU are write-protected as always.
 */
bool mmub_dirty_by_dbit(struct kvm *kvm);

/*
 * Keep what the Dirty bit of @old said, now that it is gone. Hold mmu_lock in
 * any mode, and SRCU or slots_lock for the memslots.
 */
void mmub_dirty_lost(struct kvm *kvm, const struct spte_at *at, u64 old);

/* Log that @gfn of @slot became writable. Call after the leaf is visible. */
void mmub_dirty_made_writable(struct kvm_vcpu *vcpu,
			      const struct kvm_memory_slot *slot, gfn_t gfn);

#endif /* MMU_DIRTY_H */
