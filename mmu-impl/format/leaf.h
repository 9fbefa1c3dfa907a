/* SPDX-License-Identifier: GPL-2.0-only */
/* What value does a leaf get? */
#ifndef MMU_LEAF_H
#define MMU_LEAF_H

#include "internal.h"

enum {
	SPTE_FOR_PREFETCH = BIT(0),	/* nobody has accessed it yet */
	SPTE_FOR_HOST_WRITE = BIT(1),	/* the host maps it writable */
	SPTE_FOR_UNSYNC = BIT(2),	/* shadow pages may become unsync */
	SPTE_FOR_CLEAN = BIT(3),	/* let the CPU set D at the first write */
	SPTE_FOR_LOG = BIT(4),		/* write-protect for the log */
	SPTE_FOR_SHADOWED = BIT(5),	/* write-protect for shadow paging */
};

struct spte_leaf {
	struct kvm_vcpu *vcpu;
	gfn_t gfn;
	kvm_pfn_t pfn;
	u64 old;		/* what is there now */
	u64 ad_kind;		/* SPTE_AD_* of the table it goes into */
	int level;		/* of that table */
	unsigned int access;	/* SPTE_ACC_* */
	unsigned int how;	/* SPTE_FOR_* */
};

/*
 * Build a leaf. Whether shadow paging lets it be writable was settled before
 * (base/unsync.h).
 */
u64 mmub_leaf_build(const struct spte_leaf *want);

/* The entry @index of the table that replaces the leaf @huge of level + 1. */
u64 mmub_leaf_split(struct kvm *kvm, u64 huge, union kvm_mmu_page_role role,
		    int index);

/* The leaf of @level that covers what the small leaf @child is a part of. */
u64 mmub_leaf_huge(struct kvm *kvm, u64 child, int level);

#endif /* MMU_LEAF_H */
