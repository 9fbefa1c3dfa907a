/* SPDX-License-Identifier: GPL-2.0-only */
/* Aging: who has been accessed? No mmu_lock in any of this. */
#ifndef MMU_AGE_H
#define MMU_AGE_H

#include "internal.h"

/*
 * Was anything in the range accessed since it was aged last? mmub_age_range()
 * makes it old. Neither flushes; a stale TLB entry can hide an access until it
 * goes.
 */
bool mmub_age_range(struct kvm *kvm, struct kvm_gfn_range *range);
bool mmub_age_test(struct kvm *kvm, struct kvm_gfn_range *range);

#endif /* MMU_AGE_H */
