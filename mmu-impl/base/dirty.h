/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the dirty log needs to know about changes of SPTEs.
 *
 * With a bitmap and hardware Dirty bits, "written since the last report" is
 * D = 1 in a leaf or a bit set in the slot's bitmap. Whoever destroys the first
 * sets the second.
 */
#ifndef MMU_DIRTY_H
#define MMU_DIRTY_H

#include "internal.h"
#include "base/change.h"

/*
 * Does this VM learn of guest writes from Dirty bits? Constant for a VM once
 * its first vCPU exists. Leaves of the direct MMU then stay writable while
 * they are logged; leaves of the shadow MMU are write-protected as ever.
 */
bool mmub_dirty_by_dbit(struct kvm *kvm);

/*
 * The Dirty bit of @old is gone: keep what it said. mmu_lock in any mode, and
 * SRCU or slots_lock for the memslots.
 */
void mmub_dirty_lost(struct kvm *kvm, const struct spte_at *at, u64 old);

/* A leaf of @slot became writable for @gfn; call after it is visible. */
void mmub_dirty_made_writable(struct kvm_vcpu *vcpu,
			      const struct kvm_memory_slot *slot, gfn_t gfn);

#endif /* MMU_DIRTY_H */
