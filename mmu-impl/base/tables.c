// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where do page tables come from, and when are they gone?
 *
 * A table is taken out of the tree by changing its parent entry (change.c) and
 * then retired here: each entry (with mmu_lock for write: each present one) is
 * replaced by FROZEN so that a thread which still holds a pointer into it cannot
 * put anything back, the entry's old value is accounted, and the memory waits for
 * an RCU grace period. RCU alone does not cover guests: their TLBs are flushed by
 * the operation before it leaves the RCU section.
 */
#include "internal.h"
#include "base/change.h"
#include "base/defect.h"
#include "base/stats.h"
#include "base/tables.h"

struct kvm_mmu_page *table_alloc(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_arch *arch = &vcpu->arch;
	struct kvm_mmu_page *sp;

	sp = kvm_mmu_memory_cache_alloc(&arch->mmu_page_header_cache);
	sp->spt = kvm_mmu_memory_cache_alloc(&arch->mmu_shadow_page_cache);
	return sp;
}

unsigned int table_alloc_batch(struct list_head *tables, unsigned int nr)
{
	struct kvm_mmu_page *sp;
	unsigned int done;

	for (done = 0; done < nr; done++) {
		sp = kmem_cache_zalloc(mmu_page_header_cache,
				       GFP_KERNEL_ACCOUNT);
		if (!sp)
			break;
		/* Not zeroed: a split writes every entry. */
		sp->spt = (u64 *)__get_free_page(GFP_KERNEL_ACCOUNT);
		if (!sp->spt) {
			kmem_cache_free(mmu_page_header_cache, sp);
			break;
		}
		list_add(&sp->link, tables);
	}
	return done;
}

void table_free(struct kvm_mmu_page *sp)
{
	free_page((unsigned long)sp->spt);
	kmem_cache_free(mmu_page_header_cache, sp);
}

void table_free_batch(struct list_head *tables)
{
	struct kvm_mmu_page *sp, *next;

	list_for_each_entry_safe(sp, next, tables, link) {
		list_del(&sp->link);
		table_free(sp);
	}
}

static void table_grace_over(struct rcu_head *head)
{
	table_free(container_of(head, struct kvm_mmu_page, rcu_head));
}

void table_free_rcu(struct kvm_mmu_page *sp)
{
	if (DEFECT(DEFECT_TABLE_LEAK))
		return;
	if (DEFECT(DEFECT_FREE_WITHOUT_RCU))
		table_free(sp);
	else
		call_rcu(&sp->rcu_head, table_grace_over);
}

void table_init(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn,
		union kvm_mmu_page_role role)
{
	set_page_private(virt_to_page(sp->spt), (unsigned long)sp);
	INIT_LIST_HEAD(&sp->possible_nx_huge_page_link);
	sp->tdp_mmu_page = true;
	sp->role = role;
	sp->gfn = gfn;
	sp->ptep = (tdp_ptep_t)parent;
	trace_kvm_mmu_get_page(sp, true);
}

void table_init_child(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn)
{
	union kvm_mmu_page_role role = table_of(parent)->role;

	role.level--;
	table_init(sp, parent, gfn, role);
}

void table_linked(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	kvm_account_pgtable_pages(sp->spt, +1);
	atomic64_inc(&kvm->arch.tdp_mmu_pages);
	mmu_count(table_linked);
}

static void table_unlinked(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	spinlock_t *pages_lock = &kvm->arch.tdp_mmu_pages_lock;

	mmu_count(table_retired);
	kvm_account_pgtable_pages(sp->spt, -1);
	if (sp->nx_huge_page_disallowed) {
		/* Recovery of NX huge pages must not find it any more. */
		spin_lock(pages_lock);
		untrack_possible_nx_huge_page(kvm, sp);
		/* A fault may be looking, through an old entry: either will do. */
		WRITE_ONCE(sp->nx_huge_page_disallowed, false);
		spin_unlock(pages_lock);
	}
	atomic64_dec(&kvm->arch.tdp_mmu_pages);
}

/*
 * Readers of mmu_lock may be installing entries here through an old pointer;
 * they give up when they meet FROZEN. No entry of a live table is ever frozen
 * and a table is retired once, so there is nobody to wait for.
 */
static u64 entry_freeze_shared(u64 *sptep)
{
	return xchg(sptep, SPTE_FROZEN);
}

/*
 * With mmu_lock held for write nobody adds entries, so one that is not present
 * stays so; MMIO entries expire by their generation. A present one may still
 * be changed by the CPU through its TLB, hence the exchange.
 */
static u64 entry_freeze_exclusive(u64 *sptep)
{
	u64 old = READ_ONCE(*sptep);

	return spte_is_present(old) ? xchg(sptep, SPTE_FROZEN) : SPTE_FROZEN;
}

void table_retire(struct mmu_op *op, struct kvm_mmu_page *sp)
{
	const int level = sp->role.level;
	struct spte_at at = {
		.sptep = sp->spt,
		.gfn = sp->gfn,
		.level = level,
		.as_id = table_as_id(sp),
	};
	int i;

	op_assert_lock(op);
	trace_kvm_mmu_prepare_zap_page(sp);
	table_unlinked(op->kvm, sp);

	for (i = 0; i < SPTE_ENTRIES; i++) {
		at.old = op->mode == MMU_EXCLUSIVE ?
				 entry_freeze_exclusive(at.sptep) :
				 entry_freeze_shared(at.sptep);
		if (spte_is_present(at.old))
			change_account(op, &at, at.old, SPTE_FROZEN);
		at.sptep++;
		at.gfn += spte_level_pages(level);
	}
	table_free_rcu(sp);
}
