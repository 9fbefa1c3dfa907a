/* SPDX-License-Identifier: GPL-2.0-only */
/* Between huge leaves and tables of small ones, in both directions. */
#ifndef MMU_SPLIT_H
#define MMU_SPLIT_H

#include "internal.h"

/*
 * Split what is larger than @level in [start, end) of @slot, best effort.
 * mmu_lock held, for read if @shared; given up to allocate tables and when
 * somebody waits. No flush is due: the small leaves map the same, the same way.
 */
void mmu_split_range(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     gfn_t start, gfn_t end, int level, bool shared);

/*
 * The log of @slot has ended: turn tables back into huge leaves and return
 * write access. mmu_lock held for read; yields. Flushes what it must.
 */
void mmu_recover_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

#endif /* MMU_SPLIT_H */
