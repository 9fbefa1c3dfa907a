// SPDX-License-Identifier: GPL-2.0-only
/*
 * How do the stock files set the format up, and build SPTEs?
 *
 * The functions wrap those of format/ and add what their stock callers expect
 * to have happened.
 */
#include "internal.h"
#include "base/dirty.h"
#include "base/tables.h"
#include "base/unsync.h"
#include "format/leaf.h"
#include "format/masks.h"
#include "format/mmio.h"
#include "format/spte.h"

#ifdef SPTE_MMU_PRESENT_MASK
/* The stock half reads and writes the same entries: same bits. */
static_assert(SPTE_PRESENT == SPTE_MMU_PRESENT_MASK);
static_assert(SPTE_AD_KIND == SPTE_TDP_AD_MASK);
static_assert(SPTE_AD_NONE == SPTE_TDP_AD_DISABLED);
static_assert(SPTE_AD_NO_LOG == SPTE_TDP_AD_WRPROT_ONLY);
static_assert(SPTE_SAVED_SHIFT == SHADOW_ACC_TRACK_SAVED_BITS_SHIFT);
static_assert(SPTE_SAVED_RX == SHADOW_ACC_TRACK_SAVED_BITS_MASK);
static_assert(SPTE_HOST_W_LOW == DEFAULT_SPTE_HOST_WRITABLE);
static_assert(SPTE_MMU_W_LOW == DEFAULT_SPTE_MMU_WRITABLE);
static_assert(SPTE_HOST_W_EPT == EPT_SPTE_HOST_WRITABLE);
static_assert(SPTE_MMU_W_EPT == EPT_SPTE_MMU_WRITABLE);
static_assert(SPTE_EMPTY == SHADOW_NONPRESENT_VALUE);
static_assert(SPTE_FROZEN == FROZEN_SPTE);
static_assert(SPTE_GEN_LOW == MMIO_SPTE_GEN_LOW_MASK);
static_assert(SPTE_GEN_HIGH == MMIO_SPTE_GEN_HIGH_MASK);
static_assert(SPTE_GEN_MASK == MMIO_SPTE_GEN_MASK);
static_assert(SPTE_MMIO_MAGIC == SPTE_MMIO_ALLOWED_MASK);
static_assert(SPTE_L1TF_BITS == SHADOW_NONPRESENT_OR_RSVD_MASK_LEN);
static_assert(SPTE_ACC_ALL == ACC_ALL && SPTE_ACC_EXEC == ACC_EXEC_MASK);
#endif

void __init kvm_mmu_spte_module_init(void)
{
	mmub_masks_init();
}

void kvm_mmu_set_mmio_spte_mask(u64 mmio_value, u64 mmio_mask, u64 access_mask)
{
	mmub_masks_set_mmio(mmio_value, mmio_mask, access_mask);
}
EXPORT_SYMBOL_GPL(kvm_mmu_set_mmio_spte_mask);

void kvm_mmu_set_me_spte_mask(u64 me_value, u64 me_mask)
{
	mmub_masks_set_me(me_value, me_mask);
}
EXPORT_SYMBOL_GPL(kvm_mmu_set_me_spte_mask);

void kvm_mmu_set_ept_masks(bool has_ad_bits, bool has_exec_only)
{
	mmub_masks_set_ept(has_ad_bits, has_exec_only);
}
EXPORT_SYMBOL_GPL(kvm_mmu_set_ept_masks);

void kvm_mmu_reset_all_pte_masks(void)
{
	mmub_masks_reset();
}

/* Here the caller expects the log to know already when this returns. */
bool make_spte(struct kvm_vcpu *vcpu, struct kvm_mmu_page *sp,
	       const struct kvm_memory_slot *slot, unsigned int pte_access,
	       gfn_t gfn, kvm_pfn_t pfn, u64 old_spte, bool prefetch,
	       bool can_unsync, bool host_writable, u64 *new_spte)
{
	struct spte_leaf want = {
		.vcpu = vcpu,
		.gfn = gfn,
		.pfn = pfn,
		.old = old_spte,
		.ad_kind = mmub_table_ad_kind(sp),
		.level = sp->role.level,
		.access = pte_access,
		.how = (prefetch ? SPTE_FOR_PREFETCH : 0) |
		       (can_unsync ? SPTE_FOR_UNSYNC : 0) |
		       (host_writable ? SPTE_FOR_HOST_WRITE : 0),
	};
	const bool protected = mmub_unsync_leaf(&want, slot);

	*new_spte = mmub_leaf_build(&want);
	if (spte_is_writable(*new_spte))
		mmub_dirty_made_writable(vcpu, slot, gfn);
	return protected;
}

u64 make_huge_page_split_spte(struct kvm *kvm, u64 huge_spte,
			      union kvm_mmu_page_role role, int index)
{
	return mmub_leaf_split(kvm, huge_spte, role, index);
}

u64 make_nonleaf_spte(u64 *child_pt, bool ad_disabled)
{
	return mmub_spte_table(child_pt, ad_disabled);
}

u64 make_mmio_spte(struct kvm_vcpu *vcpu, u64 gfn, unsigned int access)
{
	return mmub_mmio_build(vcpu, gfn, access);
}

u64 mark_spte_for_access_track(u64 spte)
{
	return mmub_spte_make_old(spte);
}

bool spte_has_volatile_bits(u64 spte)
{
	return mmub_spte_is_volatile(spte);
}
