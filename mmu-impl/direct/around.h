/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping the neighbours of a page that faults. */
#ifndef MMU_AROUND_H
#define MMU_AROUND_H

#include "internal.h"
#include "base/change.h"

/*
 * Map what the host has mapped around @at, the 4K leaf that @fault got.
 * mmu_lock held for read. Adds to what @op owes.
 */
void mmub_around_map(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		     struct mmub_op *op, const struct spte_at *at);

#endif /* MMU_AROUND_H */
