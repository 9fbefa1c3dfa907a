/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine as the model calls it: the seam both engines serve, and what
 * only our engine has.  SPTE decoding here covers the bits mmu.c reads,
 * which are part of the seam.
 */
#ifndef MMU_USER_FACE_H
#define MMU_USER_FACE_H

#ifdef MMU_STOCK
#include "mmu_internal.h"
#include "spte.h"
#include "tdp_mmu.h"
#define FACE_AGE_LOCKED 1
#define FACE_STOCK 1
#else
#include "internal.h"
#include "base/dirty.h"
#include "base/options.h"
#include "log/arm.h"
#include "log/harvest.h"
#define FACE_AGE_LOCKED 0
#define FACE_STOCK 0
#endif

#define SEAM_PRESENT BIT_ULL(11)
#define SEAM_AD_MASK (3ULL << 52)
#define SEAM_AD_DISABLED (1ULL << 52)
#define SEAM_SAVED_SHIFT 54
#define SEAM_SAVED_RX 5ULL
#define SEAM_FROZEN (BIT_ULL(63) | 0x5a0ULL)

static inline bool seam_present(u64 spte)
{
	return spte & SEAM_PRESENT;
}

static inline bool seam_leaf(u64 spte, int level)
{
	return seam_present(spte) &&
	       (level == PG_LEVEL_4K || (spte & PT_PAGE_SIZE_MASK));
}

static inline bool seam_tracked(u64 spte)
{
	return (spte & SEAM_AD_MASK) == SEAM_AD_DISABLED &&
	       !(spte & shadow_acc_track_mask);
}

static inline u64 seam_untrack(u64 spte)
{
	u64 saved = (spte >> SEAM_SAVED_SHIFT) & SEAM_SAVED_RX;

	spte &= ~(shadow_acc_track_mask | SEAM_SAVED_RX << SEAM_SAVED_SHIFT);
	return spte | saved;
}

static inline bool seam_young(u64 spte)
{
	if ((spte & SEAM_AD_MASK) == SEAM_AD_DISABLED)
		return !seam_tracked(spte);
	return spte & shadow_accessed_mask;
}

static inline bool seam_executable(u64 spte)
{
	return (spte & (shadow_x_mask | shadow_nx_mask)) == shadow_x_mask;
}

static inline struct kvm_mmu_page *seam_page(u64 *sptep)
{
	return (struct kvm_mmu_page *)page_private(virt_to_page(sptep));
}

static inline struct kvm_mmu_page *seam_child(u64 spte)
{
	return (struct kvm_mmu_page *)page_private(
		pfn_to_page((spte & GENMASK_ULL(51, 12)) >> PAGE_SHIFT));
}

static inline struct kvm_mmu_page *seam_root(hpa_t hpa)
{
	return seam_child(hpa);
}

/* Set while others look, always as a part of the whole word. */
static inline bool seam_root_is_invalid(hpa_t hpa)
{
	union kvm_mmu_page_role role = {
		.word = READ_ONCE(seam_root(hpa)->role.word),
	};

	return role.invalid;
}

#endif
