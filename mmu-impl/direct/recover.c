// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a slot get fast again when its log ends?
 *
 * Where the host maps huge and nothing forbids it, a table is replaced, in
 * place, by the huge leaf its children are part of. Guests keep running through
 * their old translations, which say the same; one flush per batch lets the
 * tables go. 1G pages come last, out of the 2M pages rebuilt before. Everywhere
 * else 4K leaves that were write-protected for the log get W back, which needs no
 * flush at all.
 *
 * The host's page table decides what is huge. It is only believed while no
 * invalidation of the range is under way, and a child must be mapped: its page
 * then is the host's page (invalidate.h).
 */
#include "internal.h"
#include "base/change.h"
#include "base/options.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "defect.h"
#include "direct/invalidate.h"
#include "direct/recover.h"
#include "direct/roots.h"
#include "format/leaf.h"

/*
 * A leaf below @table to take page and access from: one the host may write and
 * nobody write-protects, if there is one, else any; 0 if none is mapped.
 */
static u64 recover_pattern(u64 *table, int level, gfn_t *gfn)
{
	struct kvm_mmu_page *sp = mmub_table_of(table);
	u64 best = 0;
	u64 spte;
	int i;

	for (i = 0; i < SPTE_ENTRIES; i++) {
		spte = READ_ONCE(table[i]);
		if (!spte_is_leaf(spte, level))
			continue;
		if (best && !spte_is_mmu_writable(spte))
			continue;
		*gfn = sp->gfn + i * spte_level_pages(level);
		best = spte;
		if (spte_is_mmu_writable(spte) && !spte_is_tracked(spte))
			break;
	}
	return best;
}

/* Young and dirty if any child is; see to it that nothing gets lost. */
static u64 recover_used(u64 huge, u64 *table, int level)
{
	bool young = false;
	u64 spte;
	int i;

	for (i = 0; i < SPTE_ENTRIES; i++) {
		spte = READ_ONCE(table[i]);
		if (!spte_is_leaf(spte, level))
			continue;
		young |= spte_is_young(spte);
		huge |= spte & (spte_a_bit(spte) | spte_d_bit(spte));
	}
	/* W of a tracked leaf is earned by the next write. */
	return young && spte_is_tracked(huge) ? mmub_spte_untrack(huge) : huge;
}

/* A table of a slot that was logged when a fetch made it is on no list. */
static bool recover_is_listed(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	bool listed;

	spin_lock(&kvm->arch.tdp_mmu_pages_lock);
	listed = !list_empty(&sp->possible_nx_huge_page_link);
	spin_unlock(&kvm->arch.tdp_mmu_pages_lock);
	return listed;
}

/*
 * Was a huge page split for a fetch, so that the recovery of NX huge pages
 * comes for this table, or for one below it?
 */
static bool recover_is_nx(struct kvm *kvm, u64 *table, int level)
{
	u64 spte;
	int i;

	if (recover_is_listed(kvm, mmub_table_of(table)))
		return true;
	for (i = 0; level > PG_LEVEL_4K && i < SPTE_ENTRIES; i++) {
		spte = READ_ONCE(table[i]);
		if (spte_is_table(spte, level) &&
		    recover_is_nx(kvm, mmub_table_entries(spte), level - 1))
			return true;
	}
	return false;
}

/* The huge leaf for a table entry, or 0 if it must stay a table. */
static u64 recover_build(struct kvm *kvm, const struct spte_at *at)
{
	u64 *table = mmub_table_entries(at->old);
	const int below = at->level - 1;
	u64 pattern, huge;
	gfn_t gfn;

	if (is_nx_huge_page_enabled(kvm) && recover_is_nx(kvm, table, below))
		return 0;

	pattern = recover_pattern(table, below, &gfn);
	if (!pattern)
		return 0;
	/* Same offset in guest and host, or it cannot be one page. */
	if ((spte_pfn(pattern) ^ gfn) & (spte_level_pages(at->level) - 1))
		return 0;

	huge = mmub_leaf_huge(kvm, pattern, at->level);
	if (spte_is_mmu_writable(huge) && !spte_is_tracked(huge))
		huge |= SPTE_WRITE;
	return recover_used(huge, table, below);
}

static bool recover_wanted(struct kvm *kvm, const struct spte_at *at,
			   const struct kvm_memory_slot *slot)
{
	const u64 pages = spte_level_pages(at->level);

	/* Private memory has no host mapping to go by. */
	if (kvm_slot_can_be_private(slot))
		return false;
	/* The slot's huge-page data covers only what lies inside it. */
	if (at->level > KVM_MAX_HUGEPAGE_LEVEL || at->gfn < slot->base_gfn ||
	    at->gfn + pages > slot->base_gfn + slot->npages)
		return false;
	/*
	 * The host splits a huge page under an invalidation of all of it, so a
	 * rebuilt leaf would not outlive that; still, one under way for a part
	 * has just dropped what would be put back here.
	 */
	if (!mmub_invalidate_is_quiet(kvm, at->gfn, pages))
		return false;
	return kvm_mmu_max_mapping_level(kvm, slot, at->gfn, PG_LEVEL_NUM) >=
	       at->level;
}

static void recover_table(struct mmub_op *op, struct spte_at *at,
			  const struct kvm_memory_slot *slot)
{
	u64 huge;

	if (!recover_wanted(op->kvm, at, slot))
		return;
	if (!(op->flags & OP_REPLACES)) {
		/* Leave it to a fault to map the huge page. */
		while (spte_is_table(at->old, at->level) &&
		       !mmub_change_try(op, at, SPTE_EMPTY))
			;
		return;
	}
	/* The CPU may set A of the entry at any time, so it is not one try. */
	do {
		huge = recover_build(op->kvm, at);
		if (!huge)
			return;
		/* The first small page need not have been among those mapped. */
		if (spte_is_mmu_writable(huge))
			kvm_set_pfn_dirty(spte_pfn(huge));
		if (mmub_change_try(op, at, huge)) {
			trace_kvm_mmu_set_spte(at->level, at->gfn, at->sptep);
			mmub_count(recovered);
			return;
		}
	} while (spte_is_table(at->old, at->level));
}

/* Retired tables are freed by RCU: flush before leaving it. */
static void recover_flush(struct mmub_op *op)
{
	if (mmub_op_flush(op, FLUSH_BEFORE_FREE))
		mmub_count(flush_recover);
}

/*
 * Emptying a table takes 512 exchanges, and none of it may wait for a yield: what
 * is no longer reachable must be gone before mmu_lock is. Hence in batches.
 */
static bool recover_batch_is_full(const struct mmub_op *op)
{
	return op->nr_tables >= max(READ_ONCE(mmub_recover_batch), 1u) &&
	       !DEFECT(DEFECT_RETIRE_AT_END);
}

/* Rebuild huge leaves of @level in one root, and return W to leaves below it. */
static void recover_root(struct mmub_op *op, struct kvm_mmu_page *root,
			 const struct kvm_memory_slot *slot, int level)
{
	const bool restore_write = READ_ONCE(mmub_restore_write);
	struct mmub_walk w;

	rcu_read_lock();
	mmub_walk_begin(&w, root, slot->base_gfn, slot->base_gfn + slot->npages,
			level > PG_LEVEL_2M ? level : PG_LEVEL_4K);
	while (mmub_walk_next(&w)) {
		if (mmub_walk_yield(&w, op, FLUSH_BEFORE_FREE))
			continue;
		/* A leaf may only wait for a fault to tell a log nobody reads. */
		if (w.at.level == level && spte_is_table(w.at.old, level))
			recover_table(op, &w.at, slot);
		else if (restore_write && mmub_change_give_write(&w.at))
			mmub_count(write_restored);
		if (recover_batch_is_full(op))
			recover_flush(op);
	}
	recover_flush(op);
	rcu_read_unlock();
}

void mmub_recover_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	struct kvm_mmu_page *root = NULL;
	unsigned int flags = OP_DEFER_TABLES;
	struct mmub_op op;
	int level;

	/* A slot logged again meanwhile would be armed under slots_lock. */
	lockdep_assert_held(&kvm->slots_lock);

	if (READ_ONCE(mmub_recover_in_place))
		flags |= OP_REPLACES;
	mmub_count(lock_recover);
	mmub_op_begin(&op, kvm, MMU_SHARED, flags);
	mmub_op_assert_lock(&op);
	while ((root = mmub_roots_next(kvm, root, slot->as_id, ROOTS_VALID))) {
		recover_root(&op, root, slot, PG_LEVEL_2M);
		for (level = PG_LEVEL_1G; level <= KVM_MAX_HUGEPAGE_LEVEL &&
		     spte_level_pages(level) <= slot->npages; level++)
			recover_root(&op, root, slot, level);
	}
}
