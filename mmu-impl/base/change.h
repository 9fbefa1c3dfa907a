/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place SPTEs change.
 *
 * Each function names the lock that it needs. All of them account for what the
 * old value held (page stats, Accessed, the dirty log, tables below) and add
 * the flush that is due to the operation. None of them flushes.
 */
#ifndef MMU_CHANGE_H
#define MMU_CHANGE_H

#include "internal.h"
#include "base/op.h"
#include "format/spte.h"

/* One entry and what was last seen in it. */
struct spte_at {
	u64 *sptep;
	u64 old;
	gfn_t gfn;	/* the first one it maps */
	int level;
	int as_id;	/* address space: 0, or 1 for SMM */
};

/* The flush that a change requires; the rules are a table in change.c. */
enum mmub_flush mmub_change_flush(u64 old, u64 new, int level);

/*
 * Replace at->old by @new if it is still there. Any mode, but structural
 * changes need MMU_SHARED or MMU_EXCLUSIVE. If it returns false, nothing has
 * changed and at->old holds what is there now.
 */
bool mmub_change_try(struct mmub_op *op, struct spte_at *at, u64 new);

/* Empty a present entry and everything below it. MMU_EXCLUSIVE only. */
void mmub_change_drop(struct mmub_op *op, struct spte_at *at);

/*
 * Clear the bits @clear of a leaf and set the bits @set, even while others
 * change it. Any mode. Returns those bits of @clear that were set, or 0 if the
 * entry is no longer a present leaf. at->old is the value before.
 */
u64 mmub_change_leaf_bits(struct mmub_op *op, struct spte_at *at, u64 clear,
			  u64 set);

/*
 * Give W back to a leaf that is MMU-writable and not tracked. mmu_lock is
 * held, so that it stays MMU-writable. Nothing is lost, so no flush is owed.
 */
bool mmub_change_give_write(struct spte_at *at);

/* Account for an entry that went from @old to @new in an unlinked table. */
void mmub_change_account(struct mmub_op *op, const struct spte_at *at, u64 old,
			 u64 new);

#endif /* MMU_CHANGE_H */
