/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping on behalf of a fault. */
#ifndef MMU_MAP_H
#define MMU_MAP_H

#include "internal.h"

/*
 * Make @fault's gfn reachable in the vCPU's current root. mmu_lock held for
 * read, the fault checked against invalidations under it, caches of the vCPU
 * filled. Returns a RET_PF_* value. Flushes by itself what it must.
 */
int mmub_map_fault(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault);

/*
 * The entries from the root down to the last one for @gfn, without any lock
 * but RCU. Both return the level reached; the entry may be of any kind.
 */
int mmub_map_walk(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *sptes);
u64 *mmub_map_find_last(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *spte);

#endif /* MMU_MAP_H */
