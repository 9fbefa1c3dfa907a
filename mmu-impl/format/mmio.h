/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries that make each access to a gfn without memory fault. */
#ifndef MMU_MMIO_H
#define MMU_MMIO_H

#include "internal.h"

/* The entry carries the generation of the memslots and expires with it. */
u64 mmub_mmio_build(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned int access);

#endif /* MMU_MMIO_H */
