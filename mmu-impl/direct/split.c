// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a huge leaf become a table of small ones?
 *
 * The table is filled before it is linked, so it is complete the moment the
 * first CPU sees it; the link is one compare-and-exchange against the very leaf
 * it was built from. Tables for many splits are allocated in one go, unzeroed,
 * with the lock dropped once per batch.
 *
 * Out of memory ends an eager split early. That costs time, not correctness:
 * write faults split what is left.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/options.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "direct/map.h"
#include "direct/roots.h"
#include "direct/split.h"
#include "format/leaf.h"

/*
 * A huge leaf loses W when the log starts, only to be split before a write.
 * If Dirty bits feed the log, its 4K children need no fault of their own.
 */
static u64 split_write_bit(struct mmub_op *op, u64 huge, int child_level,
			   const struct kvm_memory_slot *slot)
{
	if (child_level > PG_LEVEL_4K || !spte_is_mmu_writable(huge) || !slot ||
	    !kvm_slot_dirty_track_enabled(slot) || !spte_logs_by_d(huge) ||
	    !mmub_dirty_by_dbit(op->kvm))
		return 0;
	return SPTE_WRITE;
}

bool mmub_split_at(struct mmub_op *op, struct spte_at *at,
		   struct kvm_mmu_page *sp, const struct kvm_memory_slot *slot)
{
	const int level = at->level;
	const u64 huge = at->old;
	u64 write;
	int i;

	write = split_write_bit(op, huge, level - 1, slot);
	for (i = 0; i < SPTE_ENTRIES; i++)
		sp->spt[i] =
			mmub_leaf_split(op->kvm, huge, sp->role, i) | write;

	if (!mmub_change_try(op, at,
			     mmub_spte_table(sp->spt, !kvm_ad_enabled()))) {
		trace_kvm_mmu_split_huge_page(at->gfn, huge, level, -EBUSY);
		return false;
	}
	mmub_table_linked(op->kvm, sp);
	kvm_update_page_stats(op->kvm, level - 1, SPTE_ENTRIES);
	mmub_count(split);
	trace_kvm_mmu_split_huge_page(at->gfn, huge, level, 0);
	return true;
}

static void split_unlock(struct mmub_op *op)
{
	rcu_read_unlock();
	if (op->mode == MMU_SHARED)
		read_unlock(&op->kvm->mmu_lock);
	else
		write_unlock(&op->kvm->mmu_lock);
}

static void split_lock(struct mmub_op *op)
{
	mmub_count(lock_split);
	if (op->mode == MMU_SHARED)
		read_lock(&op->kvm->mmu_lock);
	else
		write_lock(&op->kvm->mmu_lock);
	rcu_read_lock();
}

/* Drop the lock for a batch of tables, enough for what may lie ahead. */
static bool split_refill(struct mmub_op *op, struct mmub_walk *w,
			 struct list_head *tables)
{
	const int level = w->at.level;
	unsigned int most =
		clamp(READ_ONCE(mmub_split_batch), 1u, MMU_SPLIT_BATCH_MAX);
	u64 ahead = (w->end - w->at.gfn + spte_level_pages(level) - 1) >>
		    ((level - 1) * SPTE_ENTRIES_LG2);

	/* Below a 1 GiB leaf there may be as many again, one level down. */
	if (level > PG_LEVEL_2M)
		ahead += SPTE_ENTRIES;

	mmub_count(split_drops);
	split_unlock(op);
	cond_resched();
	mmub_table_alloc_batch(tables, min_t(u64, most, ahead));
	split_lock(op);
	mmub_walk_restart(w);
	return !list_empty(tables);
}

static bool split_here(struct mmub_op *op, struct spte_at *at,
		       struct list_head *tables,
		       const struct kvm_memory_slot *slot)
{
	struct kvm_mmu_page *sp;

	sp = list_first_entry(tables, struct kvm_mmu_page, link);
	list_del(&sp->link);
	mmub_table_init_child(sp, at->sptep, at->gfn);
	while (spte_is_leaf(at->old, at->level)) {
		if (mmub_split_at(op, at, sp, slot))
			return true;
	}
	/* Somebody else split or dropped it; keep the table for the next. */
	list_add(&sp->link, tables);
	return false;
}

static bool split_root(struct mmub_op *op, struct kvm_mmu_page *root,
		       const struct kvm_memory_slot *slot, gfn_t start,
		       gfn_t end, int level, struct list_head *tables)
{
	bool enough = true;
	struct mmub_walk w;

	rcu_read_lock();
	mmub_walk_begin(&w, root, start, end, level + 1);
	while (mmub_walk_next(&w)) {
		if (mmub_walk_yield(&w, op, FLUSH_BEFORE_UNLOCK))
			continue;
		if (!spte_is_leaf(w.at.old, w.at.level))
			continue;
		if (!list_empty(tables)) {
			split_here(op, &w.at, tables, slot);
		} else if (!split_refill(op, &w, tables)) {
			trace_kvm_mmu_split_huge_page(w.at.gfn, w.at.old,
						      w.at.level, -ENOMEM);
			enough = false;
			break;
		}
	}
	rcu_read_unlock();
	return enough;
}

void mmub_split_range(struct kvm *kvm, const struct kvm_memory_slot *slot,
		      gfn_t start, gfn_t end, int level, bool shared)
{
	struct kvm_mmu_page *root = NULL;
	struct mmub_op op;
	LIST_HEAD(tables);

	mmub_op_begin(&op, kvm, shared ? MMU_SHARED : MMU_EXCLUSIVE, 0);
	mmub_op_assert_lock(&op);
	while ((root = mmub_roots_next(kvm, root, slot->as_id, ROOTS_VALID))) {
		if (!split_root(&op, root, slot, start, end, level, &tables)) {
			mmub_roots_put(kvm, root);
			break;
		}
	}
	mmub_table_free_batch(&tables);
}
