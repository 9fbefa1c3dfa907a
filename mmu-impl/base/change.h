/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place SPTEs change.
 *
 * Each function names the lock it wants; all of them account for what the old
 * value held (page stats, Accessed, the dirty log, tables below) and add the
 * flush that is due to the operation. None flushes itself.
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

/* The flush a change asks for. Pure; seeds of the rules are in change.c. */
enum mmub_flush mmub_change_flush(u64 old, u64 new, int level);

/*
 * Replace at->old by @new if it is still there. Any mode; structural changes
 * want MMU_SHARED or MMU_EXCLUSIVE. On false at->old holds what is there now
 * and nothing else has happened.
 */
bool mmub_change_try(struct mmub_op *op, struct spte_at *at, u64 new);

/* Empty a present entry and everything below it. MMU_EXCLUSIVE only. */
void mmub_change_drop(struct mmub_op *op, struct spte_at *at);

/*
 * Take @clear away from, and give @set to, a leaf, whoever else changes it
 * meanwhile. Any mode. Returns the bits of @clear it really held, or 0 if it
 * is not a present leaf any more. at->old is the value before.
 */
u64 mmub_change_leaf_bits(struct mmub_op *op, struct spte_at *at, u64 clear,
			  u64 set);

/*
 * Give W back to a leaf that has the right to it and is not tracked. mmu_lock
 * held, so that the right stays. Loses nothing, hence owes nothing.
 */
bool mmub_change_give_write(struct spte_at *at);

/* Account for an entry that went from @old to @new in an unlinked table. */
void mmub_change_account(struct mmub_op *op, const struct spte_at *at, u64 old,
			 u64 new);

#endif /* MMU_CHANGE_H */
