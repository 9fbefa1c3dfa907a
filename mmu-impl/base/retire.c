// SPDX-License-Identifier: GPL-2.0-only
/*
 * When is a table that nothing points to really gone?
 *
 * Each entry (with mmu_lock for write: each present one) is replaced by FROZEN,
 * so that a thread which still holds a pointer into the table cannot put
 * anything back. The entry's old value is accounted, and the memory waits for an
 * RCU grace period. RCU alone does not cover guests: their TLBs are flushed by
 * the operation before it leaves the RCU section.
 */
#include "internal.h"
#include "base/change.h"
#include "base/retire.h"
#include "base/stats.h"
#include "base/tables.h"

static void table_unlinked(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	spinlock_t *pages_lock = &kvm->arch.tdp_mmu_pages_lock;

	mmub_count(table_retired);
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

void mmub_retire_table(struct mmub_op *op, struct kvm_mmu_page *sp)
{
	const int level = sp->role.level;
	struct spte_at at = {
		.sptep = sp->spt,
		.gfn = sp->gfn,
		.level = level,
		.as_id = mmub_table_as_id(sp),
	};
	int i;

	mmub_op_assert_lock(op);
	trace_kvm_mmu_prepare_zap_page(sp);
	table_unlinked(op->kvm, sp);

	for (i = 0; i < SPTE_ENTRIES; i++) {
		at.old = op->mode == MMU_EXCLUSIVE ?
				 entry_freeze_exclusive(at.sptep) :
				 entry_freeze_shared(at.sptep);
		if (spte_is_present(at.old))
			mmub_change_account(op, &at, at.old, SPTE_FROZEN);
		at.sptep++;
		at.gfn += spte_level_pages(level);
	}
	mmub_table_free_rcu(sp);
}
