/* SPDX-License-Identifier: GPL-2.0-only */
/* Aging: which pages were accessed? All of it works without mmu_lock. */
#ifndef MMU_AGE_H
#define MMU_AGE_H

#include "internal.h"

/*
 * Was anything in the range accessed since it was last aged? mmub_age_range()
 * also makes it old. Neither flushes, so a stale TLB entry can hide an access
 * for as long as it lives.
 */
bool mmub_age_range(struct kvm *kvm, struct kvm_gfn_range *range);
bool mmub_age_test(struct kvm *kvm, struct kvm_gfn_range *range);

#endif /* MMU_AGE_H */
