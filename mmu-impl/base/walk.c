// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which entries cover a range of gfns?
 *
 * A position is a gfn and a level; the path of tables above it is kept, so
 * that a step is one addition and at most one load of a lower table. Going up
 * needs no load: the tables above are already known, and RCU keeps them from
 * being freed even if another thread unlinks them meanwhile. Such a table holds
 * nothing present once its retirement is over, so the walk passes by.
 *
 * A walk without mmu_lock is a snapshot of each entry, not of the tree.
 */
#include "internal.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"

/* Stand on the entry for @gfn at @level; its table is on the path. */
static void walk_stand(struct mmub_walk *w, gfn_t gfn, int level)
{
	w->at.level = level;
	w->at.gfn = spte_base_gfn(gfn, level);
	w->at.sptep = w->table[level] + spte_slot_of(gfn, level);
	mmub_walk_reread(w);
}

void mmub_walk_begin(struct mmub_walk *w, struct kvm_mmu_page *root,
		     gfn_t start, gfn_t end, int min_level)
{
	const int level = mmub_table_role(root).level;

	WARN_ON_ONCE(level > WALK_MAX_LEVEL || min_level > level);
	w->table[level] = root->spt;
	w->root_level = level;
	w->min_level = min_level;
	w->start = start;
	/* A root can cover less than the guest's physical address space. */
	w->end = min_t(gfn_t, end, spte_level_pages(level + 1));
	w->paused = ~0ULL;
	w->started = false;
	w->at.as_id = mmub_table_as_id(root);
}

void mmub_walk_restart(struct mmub_walk *w)
{
	w->start = max(w->start, w->at.gfn);
	w->started = false;
}

void mmub_walk_seek(struct mmub_walk *w, gfn_t gfn)
{
	const int level = w->at.level;

	WARN_ON_ONCE(gfn < w->at.gfn + spte_level_pages(level));
	w->start = gfn;
	if (level == w->min_level && spte_base_gfn(gfn, level + 1) ==
				     spte_base_gfn(w->at.gfn, level + 1)) {
		/* In the same table: stand before it. */
		w->at.gfn = spte_base_gfn(gfn, level) - spte_level_pages(level);
		w->at.sptep = w->table[level] + spte_slot_of(gfn, level) - 1;
	} else {
		w->started = false;
	}
}

/* Below the current entry, if there is something below worth visiting. */
static bool walk_down(struct mmub_walk *w)
{
	const int level = w->at.level;

	if (level <= w->min_level)
		return false;

	/* It may have changed since it was visited. */
	mmub_walk_reread(w);
	if (!spte_is_table(w->at.old, level))
		return false;

	w->table[level - 1] = mmub_table_entries(w->at.old);
	walk_stand(w, max(w->at.gfn, w->start), level - 1);
	return true;
}

bool mmub_walk_far(struct mmub_walk *w)
{
	int level = w->at.level;
	gfn_t next;

	if (!w->started) {
		if (w->start >= w->end)
			return false;
		w->started = true;
		walk_stand(w, w->start, w->root_level);
		return true;
	}

	if (walk_down(w))
		return true;

	next = w->at.gfn + spte_level_pages(level);
	if (next >= w->end)
		return false;

	/* Past the last entry of a table: on to its parent's next entry. */
	while (level < w->root_level && !spte_slot_of(next, level))
		level++;
	walk_stand(w, next, level);
	return true;
}

bool mmub_walk_pause(struct mmub_walk *w, struct mmub_op *op,
		     enum mmub_flush flush)
{
	struct kvm *kvm = op->kvm;
	const gfn_t here = max(w->at.gfn, w->start);

	if (here == w->paused)
		return false;

	if (mmub_op_flush(op, flush))
		mmub_count(flush_yield);

	rcu_read_unlock();
	if (op->mode != MMU_LOCKLESS)
		mmub_count(yields);
	if (op->mode == MMU_LOCKLESS)
		cond_resched();
	else if (op->mode == MMU_SHARED)
		cond_resched_rwlock_read(&kvm->mmu_lock);
	else
		cond_resched_rwlock_write(&kvm->mmu_lock);
	rcu_read_lock();

	w->start = here;
	w->paused = here;
	w->started = false;
	return true;
}
