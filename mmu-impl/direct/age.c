// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages did the guest use?
 *
 * The range is walked in every root of the slot's address space, under RCU and
 * nothing else. Making a leaf old changes one value by compare-and-exchange; if
 * the leaf is gone or has become something else meanwhile, there is nothing to
 * age. No page is touched and no TLB flushed: aging bears a page that looks old
 * although a TLB still serves it, not a lock that stops the guest.
 *
 * A walk without the lock may miss a leaf that moves into a huge page or a table
 * at this moment. It looks old once and is right again at the next pass.
 */
#include "internal.h"
#include "base/change.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "direct/age.h"
#include "direct/roots.h"

/* Make one young leaf old; who was faster has made it old, or dropped it. */
static void age_leaf(struct mmub_op *op, struct spte_at *at)
{
	bool done = false;

	if (spte_has_ad(at->old)) {
		done = mmub_change_leaf_bits(op, at, shadow_accessed_mask, 0);
	} else {
		/* Here the new value depends on all of the old one. */
		while (!done && spte_is_leaf(at->old, at->level) &&
		       spte_is_young(at->old))
			done = mmub_change_try(op, at,
					       mmub_spte_make_old(at->old));
	}
	if (done)
		mmub_count(aged);
	else
		mmub_count(age_skipped);
}

/* MGLRU and reclaim ask page by page: no need for a walk over a range. */
static bool age_page(struct mmub_op *op, const struct kvm_mmu_page *root,
		     gfn_t gfn, bool test_only)
{
	struct spte_at at = {.as_id = mmub_table_as_id(root)};

	if (gfn >= spte_level_pages(mmub_table_role(root).level + 1))
		return false;
	mmub_walk_to_last(root, gfn, &at);
	if (!spte_is_present(at.old) || !spte_is_young(at.old))
		return false;
	if (!test_only) {
		at.gfn = spte_base_gfn(gfn, at.level);
		age_leaf(op, &at);
	}
	return true;
}

static bool age_range(struct mmub_op *op, struct kvm_mmu_page *root,
		      const struct kvm_gfn_range *range, bool test_only)
{
	bool young = false;
	struct mmub_walk w;

	mmub_walk_begin(&w, root, range->start, range->end, PG_LEVEL_4K);
	while (mmub_walk_next(&w)) {
		if (!spte_is_leaf(w.at.old, w.at.level) ||
		    !spte_is_young(w.at.old))
			continue;
		young = true;
		if (test_only)
			break;
		age_leaf(op, &w.at);
	}
	return young;
}

static bool age_roots(struct kvm *kvm, const struct kvm_gfn_range *range,
		      bool test_only)
{
	const bool one = range->end - range->start == 1;
	const int as_id = range->slot->as_id;
	struct kvm_mmu_page *root;
	bool young = false;
	struct mmub_op op;

	mmub_count(age_calls);
	mmub_op_begin(&op, kvm, MMU_LOCKLESS, OP_OWN_YOUNG | OP_OWN_DIRTY);

	rcu_read_lock();
	mmub_roots_for_each_rcu(root, kvm)
	{
		if (mmub_table_as_id(root) != as_id)
			continue;
		young |= one ? age_page(&op, root, range->start, test_only) :
			       age_range(&op, root, range, test_only);
		if (young && test_only)
			break;
	}
	rcu_read_unlock();
	return young;
}

bool mmub_age_range(struct kvm *kvm, struct kvm_gfn_range *range)
{
	return age_roots(kvm, range, false);
}

bool mmub_age_test(struct kvm *kvm, struct kvm_gfn_range *range)
{
	return age_roots(kvm, range, true);
}
