/* SPDX-License-Identifier: GPL-2.0-only */
/* Moving Dirty bits into the log. */
#ifndef MMU_HARVEST_H
#define MMU_HARVEST_H

#include "internal.h"

/*
 * Move Dirty bits of @slot into its bitmap, which arms their pages again. Caller
 * holds slots_lock and not mmu_lock; may sleep. A bit a zap is just moving is
 * waited for. Returns true if TLBs may still say "dirty already", or hold tables
 * thought unused: the caller flushes before user space reads the bitmap, before
 * the next harvest, and after it has taken bits out of the bitmap if it takes
 * any. Does nothing unless mmub_dirty_by_dbit().
 */
bool mmub_harvest_slot(struct kvm *kvm, struct kvm_memory_slot *slot);

#endif /* MMU_HARVEST_H */
