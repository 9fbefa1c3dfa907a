/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of small leaves become huge leaves again. */
#ifndef MMU_RECOVER_H
#define MMU_RECOVER_H

#include "internal.h"

/*
 * Turn tables back into huge leaves and return write access after the log of
 * @slot has ended. mmu_lock held for read; yields. Does the flushes that it
 * needs.
 */
void mmub_recover_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

#endif /* MMU_RECOVER_H */
