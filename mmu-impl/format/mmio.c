// SPDX-License-Identifier: GPL-2.0-only
/*
 * What value does an entry get that stands for no memory?
 *
 * One that the CPU cannot use and that names the gfn, so that a fault on it is
 * emulated without a look at the memslots. L1TF: a CPU may use the address of
 * an entry that is not present, so part of it is moved away from real memory.
 */
#include "internal.h"
#include "format/mmio.h"
#include "format/spte.h"

u64 mmub_mmio_build(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned int access)
{
	const u64 guard = shadow_nonpresent_or_rsvd_mask;
	const u64 gpa = gfn << PAGE_SHIFT;
	u64 gen = READ_ONCE(kvm_vcpu_memslots(vcpu)->generation);
	u64 spte;

	WARN_ON_ONCE(!vcpu->kvm->arch.shadow_mmio_value);

	gen &= SPTE_GEN_MASK;
	spte = (gen << __ffs64(SPTE_GEN_LOW)) & SPTE_GEN_LOW;
	spte |= (gen >> SPTE_GEN_LOW_BITS) << __ffs64(SPTE_GEN_HIGH);
	spte |= vcpu->kvm->arch.shadow_mmio_value;
	spte |= access & shadow_mmio_access_mask;
	/* Address bits the L1TF guard covers move up by its length. */
	return spte | gpa | guard | ((gpa & guard) << SPTE_L1TF_BITS);
}
