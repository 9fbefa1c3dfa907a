/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping on behalf of a fault. */
#ifndef MMU_MAP_H
#define MMU_MAP_H

#include "internal.h"
#include "base/change.h"

/*
 * Make @fault's gfn reachable in the vCPU's current root. mmu_lock held for
 * read, the fault checked against invalidations under it, caches of the vCPU
 * filled. Returns a RET_PF_* value. Flushes by itself what it must.
 */
int mmu_map(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault);

/*
 * The entries from the root down to the last one for @gfn, without any lock
 * but RCU. Both return the level reached; the entry may be of any kind.
 */
int mmu_walk_sptes(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *sptes);
u64 *mmu_find_last(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *spte);

/*
 * Map what the host has mapped around @at, the 4K leaf @fault was given.
 * mmu_lock held for read; adds to what @op owes.
 */
void mmu_map_around(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		    struct mmu_op *op, const struct spte_at *at);

/* Replace a huge leaf by the filled table @sp. False: at->old has changed. */
bool mmu_split_at(struct mmu_op *op, struct spte_at *at,
		  struct kvm_mmu_page *sp,
		  const struct kvm_memory_slot *slot);

#endif /* MMU_MAP_H */
