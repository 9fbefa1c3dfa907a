/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How this CPU spells SPTE properties. The masks are written while a vendor
 * module loads, and are constant while any VM exists. Stock code reads them,
 * too, and dictates their names.
 */
#ifndef MMU_MASKS_H
#define MMU_MASKS_H

#include "internal.h"

extern u64 shadow_host_writable_mask, shadow_mmu_writable_mask;
extern u64 shadow_nx_mask, shadow_x_mask, shadow_user_mask;
extern u64 shadow_accessed_mask, shadow_dirty_mask, shadow_present_mask;
extern u64 shadow_mmio_value, shadow_mmio_mask, shadow_mmio_access_mask;
extern u64 shadow_memtype_mask, shadow_me_value, shadow_me_mask;
extern u64 shadow_acc_track_mask;
extern u64 shadow_nonpresent_or_rsvd_mask;
extern u64 shadow_nonpresent_or_rsvd_lower_gfn_mask;
extern bool enable_mmio_caching;

/* Call once, before a vendor module loads: read what user and CPU ask for. */
void mmub_masks_init(void);

/* Back to ordinary page-table format: NPT and shadow paging. */
void mmub_masks_reset(void);

void mmub_masks_set_ept(bool has_ad, bool has_exec_only);

/* Memory encryption: address bits that are not part of an address. */
void mmub_masks_set_me(u64 value, u64 mask);

/* What tells MMIO entries apart. If it is not usable, none are made. */
void mmub_masks_set_mmio(u64 value, u64 mask, u64 access);

#endif /* MMU_MASKS_H */
