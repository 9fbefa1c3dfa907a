/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking mappings away. */
#ifndef MMU_ZAP_H
#define MMU_ZAP_H

#include "internal.h"
#include "base/op.h"

/*
 * Drop every leaf in [start, end) of one root, yielding if @may_yield.
 * MMU_EXCLUSIVE. What is still owed when it returns has to be flushed before
 * mmu_lock is dropped.
 */
void zap_leaves(struct mmu_op *op, struct kvm_mmu_page *root, gfn_t start,
		gfn_t end, bool may_yield);

/* Drop a whole root's content. MMU_SHARED or MMU_EXCLUSIVE; yields. */
void zap_root(struct mmu_op *op, struct kvm_mmu_page *root);

/* The same over all roots; the names say which. Return "flush needed". */
bool mmu_zap_valid(struct kvm *kvm, gfn_t start, gfn_t end, bool flush);
bool mmu_unmap(struct kvm *kvm, struct kvm_gfn_range *range, bool flush);
bool mmu_zap_table(struct kvm *kvm, struct kvm_mmu_page *sp);
void mmu_zap_all(struct kvm *kvm);

/* Empty the invalidated roots. slots_lock held, takes mmu_lock for read. */
void roots_zap_invalid(struct kvm *kvm);

/* The end of a VM: no roots are left when it returns. May sleep. */
void roots_uninit(struct kvm *kvm);

#endif /* MMU_ZAP_H */
