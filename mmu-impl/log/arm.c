// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does the log learn of the next write?
 *
 * By arming leaves (arm.h): when logging starts, for the whole slot; after
 * each report, for the pages that were reported. All of it changes single bits
 * of leaves and is safe without mmu_lock; the promise towards user space is a
 * flush before the ioctl returns, which the callers make.
 *
 * Leaves of the shadow MMU are not seen here.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/op.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "defect.h"
#include "direct/roots.h"
#include "log/arm.h"

/* The bits whose loss arms this leaf; @by_d if D is what the log reads. */
static u64 arm_bits(u64 spte, int level, bool by_d)
{
	const u64 d_bit = by_d && spte_logs_by_d(spte) ? spte_d_bit(spte) : 0;

	if (level > PG_LEVEL_4K)
		return d_bit | SPTE_WRITE;
	return d_bit ? d_bit : SPTE_WRITE;
}

/* The report tells about every D; no A is taken. */
#define OP_ARM (OP_OWN_DIRTY | OP_OWN_YOUNG)

static bool arm_leaf(struct mmub_op *op, struct spte_at *at, bool by_d)
{
	const u64 bits = arm_bits(at->old, at->level, by_d);

	if (!(at->old & bits) || !mmub_change_leaf_bits(op, at, bits, 0))
		return false;
	mmub_count(rearmed);
	return true;
}

/* Arm every leaf of the slot at @min_level and above; was there one? */
static bool arm_slot(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     int min_level, bool by_d)
{
	struct kvm_mmu_page *root = NULL;
	bool changed = false;
	struct mmub_op op;
	struct mmub_walk w;

	mmub_count(lock_arm);
	mmub_op_begin(&op, kvm, MMU_SHARED, OP_ARM);
	mmub_op_assert_lock(&op);
	while ((root = mmub_roots_next(kvm, root, slot->as_id, ROOTS_VALID))) {
		rcu_read_lock();
		mmub_walk_begin(&w, root, slot->base_gfn,
				slot->base_gfn + slot->npages, min_level);
		while (mmub_walk_next(&w)) {
			if (mmub_walk_yield(&w, &op, FLUSH_BEFORE_UNLOCK))
				continue;
			if (spte_is_leaf(w.at.old, w.at.level))
				changed |= arm_leaf(&op, &w.at, by_d);
		}
		rcu_read_unlock();
	}
	return changed;
}

bool mmub_arm_slot(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   int min_level)
{
	return arm_slot(kvm, slot, min_level, mmub_dirty_by_dbit(kvm));
}

/*
 * The caller takes W of huge leaves later, but that is too late: a D set between
 * the two steps would be handed down to 512 children if a fault splits the leaf
 * then, and none of their writes would be logged.
 */
bool mmub_arm_clean_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	return arm_slot(kvm, slot, PG_LEVEL_4K, true);
}

void mmub_arm_mask(struct kvm *kvm, const struct kvm_memory_slot *slot,
		   gfn_t gfn, unsigned long mask, bool protect)
{
	const bool by_d = !protect || mmub_dirty_by_dbit(kvm);
	struct kvm_mmu_page *root;
	struct mmub_op op;
	struct mmub_walk w;

	if (!mask)
		return;

	mmub_op_begin(&op, kvm, MMU_LOCKLESS, OP_ARM);
	rcu_read_lock();
	mmub_roots_for_each_rcu(root, kvm)
	{
		if (mmub_table_as_id(root) != slot->as_id ||
		    mmub_table_role(root).invalid)
			continue;
		mmub_walk_begin(&w, root, gfn + __ffs(mask),
				gfn + __fls(mask) + 1, PG_LEVEL_4K);
		while (mmub_walk_next(&w)) {
			if (w.at.level == PG_LEVEL_4K &&
			    spte_is_present(w.at.old) &&
			    (mask & BIT(w.at.gfn - gfn)))
				arm_leaf(&op, &w.at, by_d);
		}
	}
	rcu_read_unlock();
}

struct rearm {
	struct mmub_op op;
	const unsigned long *bitmap;
	gfn_t base;		/* of bit 0 */
	unsigned long nr_pages;
	bool by_d;
};

/* The leaves in one table whose bits, [first, last), are set. */
static void rearm_table(struct rearm *r, u64 *table, unsigned long first,
			unsigned long last, int as_id)
{
	struct spte_at at = { .level = PG_LEVEL_4K, .as_id = as_id };
	unsigned long i, word, bit;

	for (i = first / BITS_PER_LONG; i * BITS_PER_LONG < last; i++) {
		word = r->bitmap[i]; /* little-endian, as x86 is */
		if (i == first / BITS_PER_LONG)
			word &= ~0UL << (first % BITS_PER_LONG);
		for (; word; word &= word - 1) {
			bit = i * BITS_PER_LONG + __ffs(word);
			if (bit >= last)
				return;
			at.gfn = r->base + bit;
			at.sptep = table + spte_slot_of(at.gfn, PG_LEVEL_4K);
			at.old = READ_ONCE(*at.sptep);
			if (spte_is_present(at.old))
				arm_leaf(&r->op, &at, r->by_d);
		}
	}
}

/*
 * One entry with set bits below it, [first, last). A fault may split the leaf
 * at any moment: its children have W, or D, as the leaf had.
 */
static void rearm_entry(struct rearm *r, struct mmub_walk *w,
			unsigned long first, unsigned long last)
{
	if (spte_is_leaf(w->at.old, w->at.level)) {
		arm_leaf(&r->op, &w->at, r->by_d);
		mmub_walk_reread(w);
	}
	if (w->at.level == PG_LEVEL_2M &&
	    spte_is_table(w->at.old, PG_LEVEL_2M))
		rearm_table(r, mmub_table_entries(w->at.old), first, last,
			    w->at.as_id);
}

/* Only entries with a set bit below them are worth a look; jump to those. */
static void rearm_root(struct rearm *r, struct kvm_mmu_page *root)
{
	unsigned long bit, end;
	struct mmub_walk w;

	mmub_walk_begin(&w, root, r->base, r->base + r->nr_pages, PG_LEVEL_2M);
	while (mmub_walk_next(&w)) {
		if (mmub_walk_yield(&w, &r->op, FLUSH_BEFORE_UNLOCK))
			continue;
		bit = find_next_bit_le(r->bitmap, r->nr_pages,
				       max(w.at.gfn, r->base) - r->base);
		if (bit >= r->nr_pages)
			break;
		end = w.at.gfn + spte_level_pages(w.at.level) - r->base;
		if (bit >= end)
			mmub_walk_seek(&w, r->base + bit);
		else
			rearm_entry(r, &w, bit, min(end, r->nr_pages));
	}
}

bool mmub_arm_needed(struct kvm *kvm)
{
	struct kvm_mmu_page *root;
	bool needed = !mmub_dirty_by_dbit(kvm);

	/* Without the TDP MMU not even its list of roots exists. */
	if (!tdp_mmu_enabled)
		return false;
	rcu_read_lock();
	mmub_roots_for_each_rcu(root, kvm) needed |=
		!mmub_table_has_ad(root) && !DEFECT(DEFECT_NESTED_NOT_REARMED);
	rcu_read_unlock();
	return needed;
}

/*
 * A root made meanwhile is empty, and what faults put into it is logged; one
 * invalidated meanwhile is no longer used by any vCPU. The list is walked under
 * RCU, and RCU is dropped by yields: hold the root, not the list.
 */
void mmub_arm_bitmap(struct kvm *kvm, const struct kvm_memory_slot *slot,
		     const unsigned long *bitmap, gfn_t first,
		     unsigned long nr_pages)
{
	struct rearm r = {
		.bitmap = bitmap,
		.base = slot->base_gfn + first,
		.nr_pages = nr_pages,
		.by_d = kvm_x86_ops.cpu_dirty_log_size ||
			mmub_dirty_by_dbit(kvm),
	};
	struct kvm_mmu_page *root = NULL;

	if (!tdp_mmu_enabled)
		return;
	mmub_op_begin(&r.op, kvm, MMU_LOCKLESS, OP_ARM);
	while ((root = mmub_roots_next_lockless(kvm, root, slot->as_id))) {
		rcu_read_lock();
		rearm_root(&r, root);
		rcu_read_unlock();
	}
}

bool mmub_arm_protect(struct kvm *kvm, const struct kvm_memory_slot *slot,
		      gfn_t gfn, int min_level)
{
	const u64 bits = SPTE_WRITE | shadow_mmu_writable_mask;
	struct kvm_mmu_page *root;
	struct mmub_op op;
	struct mmub_walk w;

	mmub_count(lock_protect);
	mmub_op_begin(&op, kvm, MMU_EXCLUSIVE, 0);
	mmub_op_assert_lock(&op);
	rcu_read_lock();
	mmub_roots_for_each_rcu(root, kvm)
	{
		if (mmub_table_as_id(root) != slot->as_id ||
		    mmub_table_role(root).invalid)
			continue;
		mmub_walk_begin(&w, root, gfn, gfn + 1, min_level);
		while (mmub_walk_next(&w)) {
			if (spte_is_leaf(w.at.old, w.at.level))
				mmub_change_leaf_bits(&op, &w.at, bits, 0);
		}
	}
	rcu_read_unlock();
	return op.owed == FLUSH_BEFORE_UNLOCK;
}
