// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does the value of an SPTE change?
 *
 * The states are those of spte.h. Nothing here decides when a value may be
 * stored: that is base/change.c.
 */
#include "internal.h"
#include "format/spte.h"

u64 mmub_spte_make_old(u64 spte)
{
	u64 saved;

	if (spte_has_ad(spte))
		return spte & ~shadow_accessed_mask;
	if (spte_is_tracked(spte))
		return spte;

	KVM_MMU_WARN_ON(!spte_write_bits_valid(spte));
	KVM_MMU_WARN_ON(spte & SPTE_SAVED_BITS);

	saved = spte & SPTE_SAVED_RX;
	return (spte & ~shadow_acc_track_mask) | (saved << SPTE_SAVED_SHIFT);
}

u64 mmub_spte_untrack(u64 spte)
{
	u64 saved = (spte & SPTE_SAVED_BITS) >> SPTE_SAVED_SHIFT;

	return (spte & ~(shadow_acc_track_mask | SPTE_SAVED_BITS)) | saved;
}

/*
 * Three parties change leaves without mmu_lock: the CPU sets A and D, the
 * fast fault path sets W or undoes tracking, and aging and the log take A, W
 * or D away. A cleared by aging is the one change that may be overwritten:
 * the page merely looks young once more. Without A/D bits aging also takes W,
 * so such a leaf is always volatile.
 */
bool mmub_spte_is_volatile(u64 spte)
{
	if (!spte_has_ad(spte))
		return true;
	if (!spte_is_writable(spte))
		return spte_is_mmu_writable(spte) ||
		       !(spte & shadow_accessed_mask);
	/* Writable: D may come from the CPU, and W or D be taken by the log. */
	return true;
}

u64 mmub_spte_table(u64 *table, bool ad_off)
{
	u64 spte = SPTE_PRESENT | shadow_present_mask | SPTE_WRITE |
		   shadow_user_mask | shadow_x_mask | shadow_me_value;

	spte |= ad_off ? SPTE_AD_NONE : shadow_accessed_mask;
	return spte | __pa(table);
}
