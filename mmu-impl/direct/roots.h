/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Roots: who may use one, who keeps it alive, who empties it.
 *
 * A root carries one reference per vCPU that has it loaded or cached, one of
 * the engine from its birth to the end of its emptying, and one per walk that
 * may give up mmu_lock. Memory goes with the last one.
 */
#ifndef MMU_ROOTS_H
#define MMU_ROOTS_H

#include "internal.h"

enum mmub_roots_which {
	ROOTS_VALID,	/* those vCPUs can still load */
	ROOTS_ALL,	/* and those waiting to be emptied */
};

/* One gfn past the last the MMU ever maps. */
gfn_t mmub_roots_end_gfn(void);

/*
 * The root after @prev (the first, if NULL) of address space @as_id (any, if
 * negative), with a reference; the one on @prev is put. mmu_lock held in any
 * mode, and it may be dropped and retaken between calls. Ends with NULL; who
 * stops early puts the last reference.
 */
struct kvm_mmu_page *mmub_roots_next(struct kvm *kvm, struct kvm_mmu_page *prev,
				     int as_id, enum mmub_roots_which which);

/* The same for valid roots and without mmu_lock. */
struct kvm_mmu_page *
mmub_roots_next_lockless(struct kvm *kvm, struct kvm_mmu_page *prev, int as_id);

/* The same without references and locks, for walks inside one RCU section. */
#define mmub_roots_for_each_rcu(root, kvm)                                     \
	list_for_each_entry_rcu(root, &(kvm)->arch.tdp_mmu_roots, link)

void mmub_roots_init(struct kvm *kvm);

/* Load the root of the vCPU's current role, making it if need be. */
int mmub_roots_load(struct kvm_vcpu *vcpu);

void mmub_roots_put(struct kvm *kvm, struct kvm_mmu_page *root);

/* No vCPU may load a present root any more. mmu_lock held for write. */
void mmub_roots_invalidate(struct kvm *kvm);

#endif /* MMU_ROOTS_H */
