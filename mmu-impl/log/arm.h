/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking write access or Dirty bits away.
 *
 * To arm a leaf is to make sure that the next write to its page is noticed. In
 * W mode the leaf loses W. Where D is logged (PML, D mode) a 4K leaf loses D.
 * A huge leaf always loses W, so that it is split before it is written.
 */
#ifndef MMU_ARM_H
#define MMU_ARM_H

#include "internal.h"

/*
 * Start a log: arm every leaf of @slot down to @min_level. mmu_lock held for
 * read; yields. Returns true if something changed. The caller flushes before
 * user space learns that the log is on.
 */
bool mmub_arm_slot(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   int min_level);

/* The same where PML logs: 4K leaves lose D, huge leaves D and W. */
bool mmub_arm_clean_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

/*
 * Arm the 4K leaves of the pages that are set in @mask, bit 0 being @gfn.
 * @protect asks for W mode even where PML runs.
 */
void mmub_arm_mask(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   gfn_t gfn, unsigned long mask, bool protect);

/*
 * Take write access for good, MMU-writable included. mmu_lock held for write.
 * Returns true if TLBs have to be flushed before it is dropped.
 */
bool mmub_arm_protect(struct kvm *kvm, const struct kvm_memory_slot *slot,
		      gfn_t gfn, int min_level);

/*
 * Arm the pages whose bit is set in @bitmap again; bit 0 is page @first of the
 * slot. The caller holds slots_lock but not mmu_lock, has taken the bits out
 * of the slot's bitmap, and flushes before user space sees them. May sleep.
 * Covers the direct MMU only.
 */
void mmub_arm_bitmap(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     const unsigned long *bitmap, gfn_t first,
		     unsigned long nr_pages);

/*
 * Does a report have to arm leaves, or has the harvest armed all of them? It
 * has not armed those of nested guests on EPT, for which no Dirty bits are
 * kept. Ask after the bits were taken: a root that comes later has set none of
 * them.
 */
bool mmub_arm_needed(struct kvm *kvm);

#endif /* MMU_ARM_H */
