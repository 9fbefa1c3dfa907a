/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Roots: who may use one, who keeps it alive, who empties it.
 *
 * A root carries one reference for each vCPU that has it loaded or cached, one
 * of the engine from its birth until it has been emptied, and one for each
 * walk that may give up mmu_lock. Its memory goes with the last one.
 */
#ifndef MMU_ROOTS_H
#define MMU_ROOTS_H

#include "internal.h"

enum mmub_roots_which {
	ROOTS_VALID,	/* those that vCPUs can still load */
	ROOTS_ALL,	/* also those waiting to be emptied */
};

/* One gfn past the last that the MMU ever maps. */
gfn_t mmub_roots_end_gfn(void);

/*
 * The root after @prev (the first if NULL) of address space @as_id (any if
 * negative), with a reference; puts the one on @prev. mmu_lock is held in any
 * mode and may be dropped and retaken between calls. Returns NULL at the end.
 * A caller that stops early must put the last root itself.
 */
struct kvm_mmu_page *mmub_roots_next(struct kvm *kvm, struct kvm_mmu_page *prev,
				     int as_id, enum mmub_roots_which which);

/* The same for valid roots only, and without mmu_lock. */
struct kvm_mmu_page *
mmub_roots_next_lockless(struct kvm *kvm, struct kvm_mmu_page *prev, int as_id);

/* The same without references and locks, for walks inside one RCU section. */
#define mmub_roots_for_each_rcu(root, kvm)                                     \
	list_for_each_entry_rcu(root, &(kvm)->arch.tdp_mmu_roots, link)

void mmub_roots_init(struct kvm *kvm);

/* Load the root of the vCPU's current role; make one if there is none. */
int mmub_roots_load(struct kvm_vcpu *vcpu);

void mmub_roots_put(struct kvm *kvm, struct kvm_mmu_page *root);

/* Keep vCPUs from loading any present root. mmu_lock held for write. */
void mmub_roots_invalidate(struct kvm *kvm);

#endif /* MMU_ROOTS_H */
