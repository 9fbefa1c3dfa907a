/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of small leaves become huge leaves again. */
#ifndef MMU_RECOVER_H
#define MMU_RECOVER_H

#include "internal.h"

/*
 * The log of @slot has ended: turn tables back into huge leaves and return
 * write access. mmu_lock held for read; yields. Flushes what it must.
 */
void mmub_recover_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

#endif /* MMU_RECOVER_H */
