/* SPDX-License-Identifier: GPL-2.0-only */
/* Moving Dirty bits into the log. */
#ifndef MMU_HARVEST_H
#define MMU_HARVEST_H

#include "internal.h"

/*
 * Move the Dirty bits of @slot into its bitmap, which arms their pages again.
 * The caller holds slots_lock but not mmu_lock. May sleep. Waits for zaps that
 * are about to set bits. Returns true if a TLB may still say "already dirty",
 * or may hold tables that look unused: the caller then flushes before user
 * space reads the bitmap, before the next harvest, and after taking bits out
 * of the bitmap if it takes any. Does nothing unless mmub_dirty_by_dbit().
 */
bool mmub_harvest_slot(struct kvm *kvm, struct kvm_memory_slot *slot);

#endif /* MMU_HARVEST_H */
