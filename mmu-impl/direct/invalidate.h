/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is the host page table a trustworthy source right now?
 *
 * An invalidation under way has already dropped the SPTEs of its range and may
 * change the host's entries at any moment, so what they say must not be mapped.
 * One that begins later first takes mmu_lock for write: it waits for the caller
 * and then finds what the caller has mapped.
 */
#ifndef MMU_INVALIDATE_H
#define MMU_INVALIDATE_H

#include "internal.h"

/* mmu_lock held in either mode: the answer holds until it is dropped. */
static inline bool mmub_invalidate_is_quiet(struct kvm *kvm, gfn_t start,
					    u64 nr_pages)
{
	if (likely(!kvm->mmu_invalidate_in_progress))
		return true;
	/* Begun, but the range is not known yet. */
	if (kvm->mmu_invalidate_range_start == INVALID_GPA)
		return false;
	return start + nr_pages <= kvm->mmu_invalidate_range_start ||
	       start >= kvm->mmu_invalidate_range_end;
}

#endif /* MMU_INVALIDATE_H */
