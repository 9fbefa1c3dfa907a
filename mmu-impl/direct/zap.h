/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking mappings away. */
#ifndef MMU_ZAP_H
#define MMU_ZAP_H

#include "internal.h"

/*
 * Drop what is mapped: in a range by all valid roots; in a range of a memslot
 * by all roots; one table; everything, of a VM that never runs again. mmu_lock
 * held for write. Those that return bool say whether a flush is needed,
 * mmub_zap_table() whether there was anything to drop.
 */
bool mmub_zap_valid(struct kvm *kvm, gfn_t start, gfn_t end, bool flush);
bool mmub_zap_unmap(struct kvm *kvm, struct kvm_gfn_range *range, bool flush);
bool mmub_zap_table(struct kvm *kvm, struct kvm_mmu_page *sp);
void mmub_zap_all(struct kvm *kvm);

/* Empty the invalidated roots. slots_lock held, takes mmu_lock for read. */
void mmub_zap_invalid_roots(struct kvm *kvm);

/* End of a VM: empty and free all roots. May sleep. */
void mmub_zap_uninit(struct kvm *kvm);

#endif /* MMU_ZAP_H */
