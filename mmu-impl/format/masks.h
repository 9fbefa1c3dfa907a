/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names dictated by the stock half of the MMU: what it calls and reads here,
 * and what the engine calls there. Everything else carries the engine's own
 * names, so that a grep never mixes the two.
 */
#ifndef MMU_SEAM_H
#define MMU_SEAM_H

#include "internal.h"

/*
 * How this CPU spells SPTE properties. Written while a vendor module loads,
 * constant while any VM exists.
 */
extern u64 shadow_host_writable_mask, shadow_mmu_writable_mask;
extern u64 shadow_nx_mask, shadow_x_mask, shadow_user_mask;
extern u64 shadow_accessed_mask, shadow_dirty_mask, shadow_present_mask;
extern u64 shadow_mmio_value, shadow_mmio_mask, shadow_mmio_access_mask;
extern u64 shadow_memtype_mask, shadow_me_value, shadow_me_mask;
extern u64 shadow_acc_track_mask;
extern u64 shadow_nonpresent_or_rsvd_mask;
extern u64 shadow_nonpresent_or_rsvd_lower_gfn_mask;
extern bool enable_mmio_caching;

#endif /* MMU_SEAM_H */
