/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping on behalf of a fault. */
#ifndef MMU_MAP_H
#define MMU_MAP_H

#include "internal.h"

/*
 * Make @fault's gfn reachable in the vCPU's current root. mmu_lock is held for
 * read, the fault was checked against invalidations under it, and the vCPU's
 * caches are filled. Returns a RET_PF_* value. Does the flushes that it needs.
 */
int mmub_map_fault(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault);

/*
 * The entries from the root down to the last one for @gfn, which may be of any
 * kind. RCU is the only lock. The first function stores them by level and
 * returns the level reached, the second returns the place of the last and
 * stores its value.
 */
int mmub_map_walk(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *sptes);
u64 *mmub_map_find_last(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *spte);

#endif /* MMU_MAP_H */
