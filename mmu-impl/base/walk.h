/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walk over the entries of a tree of page tables that cover a range of gfns.
 *
 *	struct mmub_walk w;
 *
 *	rcu_read_lock();
 *	mmub_walk_begin(&w, root, start, end, min_level);
 *	while (mmub_walk_next(&w))
 *		... w.at is one entry ...
 *	rcu_read_unlock();
 *
 * Order: an entry comes before the entries below it; ranges [start, end) are
 * half-open. Entries are visited whether present or not. The caller may change
 * w.at before the next step: the entry is read again before going below it.
 * RCU must be held from mmub_walk_begin() to the last use of w.at, and may be
 * dropped only through mmub_walk_yield() or around mmub_walk_restart().
 */
#ifndef MMU_WALK_H
#define MMU_WALK_H

#include "internal.h"
#include "base/change.h"
#include "base/tables.h"

#define WALK_MAX_LEVEL 5

struct mmub_walk {
	struct spte_at at;		/* the current entry */
	u64 *table[WALK_MAX_LEVEL + 1];	/* by level; the path to it */
	gfn_t start, end;
	gfn_t paused;			/* where it last gave up the lock */
	int root_level, min_level;
	bool started;
};

void mmub_walk_begin(struct mmub_walk *w, struct kvm_mmu_page *root,
		     gfn_t start, gfn_t end, int min_level);

/* Come back to the current entry from the root: tables may have gone. */
void mmub_walk_restart(struct mmub_walk *w);

/* Go on at @gfn, which lies beyond the current entry. */
void mmub_walk_seek(struct mmub_walk *w, gfn_t gfn);

/* Read the current entry again. */
static inline void mmub_walk_reread(struct mmub_walk *w)
{
	w->at.old = READ_ONCE(*w->at.sptep);
}

/* Any step but the short one below. */
bool mmub_walk_far(struct mmub_walk *w);

/* The next entry; false at the end of the range. */
static inline bool mmub_walk_next(struct mmub_walk *w)
{
	const u64 step = spte_level_pages(w->min_level);
	const gfn_t next = w->at.gfn + step;

	/* Most steps go to the next entry of a lowest table. */
	if (w->started && w->at.level == w->min_level && next < w->end &&
	    spte_slot_of(next, w->min_level)) {
		w->at.gfn = next;
		w->at.sptep++;
		mmub_walk_reread(w);
		return true;
	}
	return mmub_walk_far(w);
}

bool mmub_walk_pause(struct mmub_walk *w, struct mmub_op *op,
		     enum mmub_flush flush);

/*
 * If somebody waits for mmu_lock or the CPU, pay what @op owes from @flush on,
 * give both up for a moment, and arrange for mmub_walk_next() to come back to
 * the current entry. Returns true if it did; w.at is then void. Guarantees
 * progress: never twice at the same gfn.
 */
static inline bool mmub_walk_yield(struct mmub_walk *w, struct mmub_op *op,
				   enum mmub_flush flush)
{
	if (likely(!need_resched() &&
		   (op->mode == MMU_LOCKLESS ||
		    !rwlock_needbreak(&op->kvm->mmu_lock))))
		return false;
	return mmub_walk_pause(w, op, flush);
}

/*
 * The short way to the last entry for one @gfn: what is not a table, at any
 * level. RCU held; gfn and as_id of @at are left to the caller.
 */
static __always_inline void mmub_walk_to_last(const struct kvm_mmu_page *root,
					      gfn_t gfn, struct spte_at *at)
{
	u64 *table = root->spt;
	int level;

	for (level = mmub_table_role(root).level;; level--) {
		at->sptep = table + spte_slot_of(gfn, level);
		at->old = READ_ONCE(*at->sptep);
		at->level = level;
		if (!spte_is_table(at->old, level))
			return;
		table = mmub_table_entries(at->old);
	}
}

#endif /* MMU_WALK_H */
