/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of the engine: birth, place in the tree, death.
 *
 * A table is a page of entries and a header (struct kvm_mmu_page), which is
 * found through the page's private field. Walkers without mmu_lock may look at
 * a table until an RCU grace period has passed after its retirement.
 */
#ifndef MMU_TABLES_H
#define MMU_TABLES_H

#include "internal.h"
#include "defect.h"
#include "format/spte.h"

/* The header of the table an entry lies in. */
static inline struct kvm_mmu_page *mmub_table_of(u64 *sptep)
{
	return (struct kvm_mmu_page *)page_private(virt_to_page(sptep));
}

/* The header of the table a TABLE entry points to. */
static inline struct kvm_mmu_page *mmub_table_below(u64 spte)
{
	return (struct kvm_mmu_page *)page_private(pfn_to_page(spte_pfn(spte)));
}

/* The entries a TABLE entry points to. */
static inline u64 *mmub_table_entries(u64 spte)
{
	return __va(spte & SPTE_ADDRESS);
}

/*
 * What a table is for. Constant except for "invalid" of a root, which lockless
 * walks read while it is being set; so the role is read as one word.
 */
static inline union kvm_mmu_page_role
mmub_table_role(const struct kvm_mmu_page *sp)
{
	union kvm_mmu_page_role role = { .word = READ_ONCE(sp->role.word) };

	return role;
}

/* Address space of a table: SMM has its own. */
static inline int mmub_table_as_id(const struct kvm_mmu_page *sp)
{
	return mmub_table_role(sp).smm ? 1 : 0;
}

/*
 * Does the CPU keep A and D in leaves of this table? A nested guest without an
 * EPT of its own runs on a direct root, too, but KVM turns EPT's A and D off
 * for it if the outer guest did not ask for them. NPT has no such switch.
 */
static inline bool mmub_table_has_ad(const struct kvm_mmu_page *sp)
{
	if (sp->role.ad_disabled)
		return false;
	return !shadow_acc_track_mask || !sp->tdp_mmu_page ||
	       !sp->role.guest_mode || DEFECT(DEFECT_NESTED_TRUSTS_AD);
}

/* The same, encoded as in leaves of this table. */
static inline u64 mmub_table_ad_kind(struct kvm_mmu_page *sp)
{
	if (!mmub_table_has_ad(sp))
		return SPTE_AD_NONE;
	if (kvm_mmu_page_ad_need_write_protect(sp))
		return SPTE_AD_NO_LOG;
	return SPTE_AD_HARDWARE;
}

/*
 * "Dirty bits may be set below although the parent was not accessed." Set from
 * the moment the parent's Accessed bit is taken until the flush that follows.
 */
static inline bool mmub_table_hint_dirty(const struct kvm_mmu_page *sp)
{
	return atomic_read(&sp->write_flooding_count);
}

static inline void mmub_table_set_hint(struct kvm_mmu_page *sp, bool dirty)
{
	atomic_set(&sp->write_flooding_count, dirty);
}

/* From the caches of @vcpu, filled beforehand: cannot fail, may not sleep. */
struct kvm_mmu_page *mmub_table_alloc(struct kvm_vcpu *vcpu);

/* Up to @nr tables with entries left uninitialised; may sleep. */
unsigned int mmub_table_alloc_batch(struct list_head *tables, unsigned int nr);

/* Free a table nobody has seen, or a list of such. */
void mmub_table_free(struct kvm_mmu_page *sp);
void mmub_table_free_batch(struct list_head *tables);

/* Free after an RCU grace period. */
void mmub_table_free_rcu(struct kvm_mmu_page *sp);

void mmub_table_init(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn,
		     union kvm_mmu_page_role role);
void mmub_table_init_child(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn);

/* Count a table that has just become reachable. */
void mmub_table_linked(struct kvm *kvm, struct kvm_mmu_page *sp);

#endif /* MMU_TABLES_H */
