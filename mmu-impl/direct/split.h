/* SPDX-License-Identifier: GPL-2.0-only */
/* Huge leaves become tables of small ones. */
#ifndef MMU_SPLIT_H
#define MMU_SPLIT_H

#include "internal.h"
#include "base/change.h"

/*
 * Split what is larger than @level in [start, end) of @slot, as far as memory
 * allows. mmu_lock is held, for read if @shared; it is given up to allocate
 * tables and when somebody waits. No flush is due: the small leaves map the
 * same pages with the same access.
 */
void mmub_split_range(struct kvm *kvm, const struct kvm_memory_slot *slot,
		      gfn_t start, gfn_t end, int level, bool shared);

/*
 * Fill the table @sp and replace a huge leaf by it. Returns false if the leaf
 * has changed; at->old then holds what is there.
 */
bool mmub_split_at(struct mmub_op *op, struct spte_at *at,
		   struct kvm_mmu_page *sp, const struct kvm_memory_slot *slot);

#endif /* MMU_SPLIT_H */
