/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry points of the engine that have no counterpart in the stock seam.
 * The hooks in front of the engine call them; see LOCKING.md for the races.
 */
#ifndef MMU_ENGINE_H
#define MMU_ENGINE_H

#include "internal.h"

/*
 * Does this VM learn of guest writes from Dirty bits? Constant for a VM once
 * its first vCPU exists. Leaves of the direct MMU then stay writable while
 * they are logged; leaves of the shadow MMU are write-protected as ever.
 */
bool mmu_dirty_by_dbit(struct kvm *kvm);

/*
 * Move Dirty bits of @slot into its bitmap, which arms their pages again. Caller
 * holds slots_lock and not mmu_lock; may sleep. A bit a zap is just moving is
 * waited for. Returns true if TLBs may still say "dirty already", or hold tables
 * thought unused: the caller flushes before user space reads the bitmap, before
 * the next harvest, and after it has taken bits out of the bitmap if it takes
 * any. Does nothing unless mmu_dirty_by_dbit().
 */
bool mmu_dirty_harvest(struct kvm *kvm, struct kvm_memory_slot *slot);

/*
 * Arm the log again for the pages whose bit is set in @bitmap; bit 0 is the
 * page @first of the slot. Caller holds slots_lock and not mmu_lock, has taken
 * the bits out of the slot's bitmap, and flushes before user space sees them.
 * May sleep. Covers the direct MMU only.
 */
void mmu_dirty_rearm(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     const unsigned long *bitmap, gfn_t first,
		     unsigned long nr_pages);

/*
 * Does a report have to arm leaves, or has the harvest seen to all of them? Not
 * to those of nested guests on EPT, for which no Dirty bits are kept. Ask once
 * the bits are taken: a root that comes later has put none of them there.
 */
bool mmu_dirty_rearm_needed(struct kvm *kvm);

/* One page of the host as the host's own page table maps it. */
struct mmu_host_page {
	kvm_pfn_t pfn;
	bool present;	/* an ordinary page, readable */
	bool writable;	/* and the host may write it, and has */
};

/*
 * Look @nr pages up from @hva on. IRQs may be on; mmu_lock held and no
 * invalidation of the range under way, or the answer is stale at once.
 * Returns how many entries of @out were filled.
 */
unsigned int mmu_host_pages(struct kvm *kvm, unsigned long hva,
			    unsigned int nr, struct mmu_host_page *out);

#endif /* MMU_ENGINE_H */
