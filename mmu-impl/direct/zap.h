/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking mappings away. */
#ifndef MMU_ZAP_H
#define MMU_ZAP_H

#include "internal.h"

/* Drop what all roots map; the names say which. Return "flush needed". */
bool mmub_zap_valid(struct kvm *kvm, gfn_t start, gfn_t end, bool flush);
bool mmub_zap_unmap(struct kvm *kvm, struct kvm_gfn_range *range, bool flush);
bool mmub_zap_table(struct kvm *kvm, struct kvm_mmu_page *sp);
void mmub_zap_all(struct kvm *kvm);

/* Empty the invalidated roots. slots_lock held, takes mmu_lock for read. */
void mmub_zap_invalid_roots(struct kvm *kvm);

/* The end of a VM: no roots are left when it returns. May sleep. */
void mmub_zap_uninit(struct kvm *kvm);

#endif /* MMU_ZAP_H */
