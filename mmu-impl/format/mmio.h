/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries that make an access to a gfn without memory fault at once. */
#ifndef MMU_MMIO_H
#define MMU_MMIO_H

#include "internal.h"

/* Carries the generation of the memslots, so that it expires with them. */
u64 mmub_mmio_build(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned int access);

#endif /* MMU_MMIO_H */
