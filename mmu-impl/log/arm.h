/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking write access or Dirty bits away.
 *
 * "Arm" a leaf: see to it that the next write to its page is noticed. In W mode
 * it loses W; where D is logged (PML, D mode) a 4K leaf loses D. A huge leaf
 * always loses W, so that it is split before it is written.
 */
#ifndef MMU_ARM_H
#define MMU_ARM_H

#include "internal.h"

/*
 * Start a log: arm every leaf of @slot down to @min_level. mmu_lock held for
 * read; yields. Returns true if something changed; the caller flushes before
 * user space learns that the log is on.
 */
bool mmub_arm_slot(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   int min_level);

/* The PML half of it: clear Dirty bits of 4K leaves. Same rules. */
bool mmub_arm_clean_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

/*
 * Arm the 4K leaves of up to 64 pages from @gfn on, those set in @mask.
 * @protect asks for W mode even where PML runs.
 */
void mmub_arm_mask(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   gfn_t gfn, unsigned long mask, bool protect);

/*
 * Take write access for good: MMU-writable goes too. mmu_lock held for write.
 * Returns true if TLBs have to be flushed before it is dropped.
 */
bool mmub_arm_protect(struct kvm *kvm, const struct kvm_memory_slot *slot,
		      gfn_t gfn, int min_level);

/*
 * Arm the log again for the pages whose bit is set in @bitmap; bit 0 is the
 * page @first of the slot. Caller holds slots_lock and not mmu_lock, has taken
 * the bits out of the slot's bitmap, and flushes before user space sees them.
 * May sleep. Covers the direct MMU only.
 */
void mmub_arm_bitmap(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     const unsigned long *bitmap, gfn_t first,
		     unsigned long nr_pages);

/*
 * Does a report have to arm leaves, or has the harvest seen to all of them? Not
 * to those of nested guests on EPT, for which no Dirty bits are kept. Ask once
 * the bits are taken: a root that comes later has put none of them there.
 */
bool mmub_arm_needed(struct kvm *kvm);

#endif /* MMU_ARM_H */
