// SPDX-License-Identifier: GPL-2.0-only
/*
 * How may an SPTE change, and what follows from it?
 *
 * Three questions are answered here and nowhere else:
 *   must the write be atomic?   yes, unless nobody else can touch the value
 *   must TLBs be flushed?       mmub_change_flush(), one row per kind of loss
 *   what did the old value owe? mmub_change_account(): stats, Accessed, the
 *                               dirty log, and the tables below
 *
 * What it cannot tell is when the flush happens: an operation may gather many
 * changes and pays in mmub_op_flush(), or its caller does.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/retire.h"
#include "base/stats.h"
#include "base/tables.h"
#include "defect.h"

/*
 *   lost                         flush                because
 *   nothing present before       never                no TLB can hold it
 *   translation                  before unlock        the host reuses the page
 *   MMU-writable                 before unlock        shadowed tables may not be
 *                                                     written from then on; W may
 *                                                     be clear already and a TLB
 *                                                     still hold it
 *   table replaced by a leaf     before free          paging-structure caches
 *   W only (dirty log)           before report        the log may lag, not lie
 *   D                            before report        likewise, no false negative
 *   Accessed, tracked            never                aging bears a false negative
 *   nothing                      never
 */
/* The rows of a leaf that stays the same page and loses bits. */
static __always_inline enum mmub_flush leaf_flush(u64 old, u64 new)
{
	const u64 lost = old & ~new;

	if (lost & shadow_mmu_writable_mask)
		return DEFECT(DEFECT_LOST_W_NO_FLUSH) ? FLUSH_NEVER :
							FLUSH_BEFORE_UNLOCK;
	/* Tracking hides W without taking it; a write earns it back. */
	if (!(lost & (SPTE_WRITE | spte_d_bit(new))) || spte_is_tracked(new))
		return FLUSH_NEVER;
	return FLUSH_BEFORE_REPORT;
}

enum mmub_flush mmub_change_flush(u64 old, u64 new, int level)
{
	if (!spte_is_present(old))
		return FLUSH_NEVER;
	if (!spte_is_present(new))
		return FLUSH_BEFORE_UNLOCK;
	if (spte_is_table(new, level))
		return FLUSH_NEVER; /* a split maps the same, the same way */
	if (spte_is_table(old, level))
		return FLUSH_BEFORE_FREE;
	return leaf_flush(old, new);
}

/* A leaf may change its bits, not its page: that takes an empty moment. */
static bool change_is_legal(struct mmub_op *op, const struct spte_at *at,
			    u64 new)
{
	if (!spte_is_leaf(at->old, at->level) || !spte_is_leaf(new, at->level))
		return true;
	return !KVM_BUG_ON(spte_pfn(at->old) != spte_pfn(new), op->kvm);
}

static void account_table(struct mmub_op *op, u64 old, int level)
{
	struct kvm_mmu_page *sp = mmub_table_below(old);

	WARN_ON_ONCE(sp->role.level != level - 1);
	if (op->flags & OP_DEFER_TABLES) {
		list_add_tail(&sp->link, &op->tables);
		op->nr_tables++;
	} else {
		mmub_retire_table(op, sp);
	}
}

/* What the old leaf knew about its page and the new value does not. */
static void account_leaf(struct mmub_op *op, const struct spte_at *at, u64 old,
			 u64 new)
{
	const bool stays = spte_is_leaf(new, at->level);

	/* A split hands all of it down to the children. */
	if (!stays && spte_is_table(new, at->level))
		return;

	if (!(op->flags & OP_OWN_DIRTY) && spte_is_dirty(old) &&
	    !(stays && spte_is_dirty(new)))
		mmub_dirty_lost(op->kvm, at, old);

	if (!(op->flags & OP_OWN_YOUNG) && spte_is_young(old) &&
	    !(stays && spte_is_young(new)) && !DEFECT(DEFECT_HOST_NOT_YOUNG))
		kvm_set_pfn_accessed(spte_pfn(old));
}

/* The part every change has in common. */
static void account_any(struct mmub_op *op, const struct spte_at *at, u64 old,
			u64 new)
{
	trace_kvm_tdp_mmu_spte_changed(at->as_id, at->gfn, at->level, old, new);
	KVM_MMU_WARN_ON(spte_is_leaf(new, at->level) &&
			!spte_write_bits_valid(new));
	if (!(op->flags & OP_NO_TLB))
		mmub_op_owe(op, mmub_change_flush(old, new, at->level));
}

void mmub_change_account(struct mmub_op *op, const struct spte_at *at, u64 old,
			 u64 new)
{
	const bool was_leaf = spte_is_leaf(old, at->level);
	const bool is_leaf = spte_is_leaf(new, at->level);

	if (old == new)
		return;

	account_any(op, at, old, new);
	if (was_leaf != is_leaf)
		kvm_update_page_stats(op->kvm, at->level, is_leaf ? 1 : -1);
	if (was_leaf) {
		if (!is_leaf && !spte_is_table(new, at->level) &&
		    !(op->flags & OP_REPLACES))
			mmub_count(zapped);
		account_leaf(op, at, old, new);
	} else if (spte_is_table(old, at->level) &&
		   !spte_is_table(new, at->level)) {
		account_table(op, old, at->level);
	}
}

/* The short way for most faults: what was not there owes nothing. */
static void account_first(struct mmub_op *op, const struct spte_at *at, u64 old,
			  u64 new)
{
	trace_kvm_tdp_mmu_spte_changed(at->as_id, at->gfn, at->level, old, new);
	if (!spte_is_leaf(new, at->level))
		return;
	KVM_MMU_WARN_ON(!spte_write_bits_valid(new));
	kvm_update_page_stats(op->kvm, at->level, 1);
}

bool mmub_change_try(struct mmub_op *op, struct spte_at *at, u64 new)
{
	const u64 old = at->old;

	if (WARN_ON_ONCE(spte_is_frozen(old)) || !change_is_legal(op, at, new))
		return false;

	if (!try_cmpxchg64(at->sptep, &at->old, new)) {
		mmub_count(retry);
		return false;
	}

	if (spte_is_present(old))
		mmub_change_account(op, at, old, new);
	else
		account_first(op, at, old, new);
	return true;
}

/*
 * Nobody else changes structure while mmu_lock is held for write, so only a
 * volatile leaf needs an atomic write: its last A, D and W must not be lost.
 */
void mmub_change_drop(struct mmub_op *op, struct spte_at *at)
{
	const u64 gone = DEFECT(DEFECT_FROZEN_LEFT) ? SPTE_FROZEN : SPTE_EMPTY;

	lockdep_assert_held_write(&op->kvm->mmu_lock);
	WARN_ON_ONCE(spte_is_frozen(at->old));

	if (spte_is_leaf(at->old, at->level) && mmub_spte_is_volatile(at->old))
		at->old = xchg(at->sptep, gone);
	else
		WRITE_ONCE(*at->sptep, gone);

	mmub_change_account(op, at, at->old, SPTE_EMPTY);
}

u64 mmub_change_leaf_bits(struct mmub_op *op, struct spte_at *at, u64 clear,
			  u64 set)
{
	u64 old = READ_ONCE(*at->sptep);
	u64 new;

	for (;;) {
		/*
		 * Not "clear the bits, whatever is there": an entry that is
		 * frozen or carries an MMIO generation uses the same bits.
		 */
		if (!spte_is_leaf(old, at->level))
			return 0;
		new = (old & ~clear) | set;
		if (new == old)
			break;
		if (try_cmpxchg64(at->sptep, &old, new))
			break;
		mmub_count(retry);
	}

	at->old = old;
	if (old != new) {
		trace_kvm_tdp_mmu_spte_changed(at->as_id, at->gfn, at->level,
					       old, new);
		KVM_MMU_WARN_ON(!spte_write_bits_valid(new));
		mmub_op_owe(op, leaf_flush(old, new));
		if (~op->flags & (OP_OWN_YOUNG | OP_OWN_DIRTY))
			account_leaf(op, at, old, new);
	}
	return old & clear;
}

bool mmub_change_give_write(struct spte_at *at)
{
	u64 old = at->old;

	for (;;) {
		if (!spte_is_leaf(old, at->level) || spte_is_writable(old) ||
		    !spte_is_mmu_writable(old) || spte_is_tracked(old))
			return false;
		if (try_cmpxchg64(at->sptep, &old, old | SPTE_WRITE))
			break;
		mmub_count(retry);
	}

	at->old = old | SPTE_WRITE;
	trace_kvm_tdp_mmu_spte_changed(at->as_id, at->gfn, at->level, old,
				       at->old);
	return true;
}
