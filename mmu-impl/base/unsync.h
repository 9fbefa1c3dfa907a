/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does shadow paging let a gfn become writable?
 *
 * Memory that holds a guest's page tables may be written only while their
 * shadow pages are unsync. Asking makes them so if it can be done.
 */
#ifndef MMU_UNSYNC_H
#define MMU_UNSYNC_H

#include "internal.h"
#include "format/leaf.h"
#include "format/spte.h"

/*
 * Settle this for the leaf @want of @slot before it is built. mmu_lock held in
 * either mode. Returns true, and says so in want->how, if write access was
 * asked for and is denied. An entry that is writable now was settled earlier.
 */
static inline bool mmub_unsync_leaf(struct spte_leaf *want,
				    const struct kvm_memory_slot *slot)
{
	if (!(want->how & SPTE_FOR_HOST_WRITE) ||
	    !(want->access & SPTE_ACC_WRITE))
		return false;
	if (spte_is_leaf(want->old, want->level) && spte_is_writable(want->old))
		return false;
	if (!mmu_try_to_unsync_pages(want->vcpu->kvm, slot, want->gfn,
				     want->how & SPTE_FOR_UNSYNC,
				     want->how & SPTE_FOR_PREFETCH))
		return false;
	want->how |= SPTE_FOR_SHADOWED;
	return true;
}

#endif /* MMU_UNSYNC_H */
