// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages did the guest write, without a fault for each?
 *
 * Dirty bits of 4K leaves are moved into the slot's bitmap. To move a bit is to
 * clear it and then to flush, which the caller does: a TLB that remembers
 * "already dirty" would not set it again.
 *
 * Most tables need no look. The CPU sets the Accessed bit of a parent entry
 * when it uses it, and caches nothing of an entry whose bit is clear. So once
 * the bit was cleared and TLBs were flushed, it is set again before any Dirty
 * bit below can be. Between the two a CPU may still walk by its caches; the
 * table then carries a hint, "look again", for the next harvest: that one comes
 * after the flush, so its look is the last one needed.
 *
 * Huge leaves are armed by W and report nothing here. Leaves whose log is kept
 * by faults (nested on EPT, no A/D) have no Dirty bit to move.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "defect.h"
#include "direct/roots.h"
#include "log/harvest.h"

struct harvest {
	struct mmub_op op;
	struct kvm_memory_slot *slot;
	bool flush;	/* something was cleared that a TLB may hold */
};

/* The pages of the slot that lie below one entry. */
struct span {
	gfn_t start, end;
};

static struct span harvest_span(const struct kvm_memory_slot *slot,
				const struct spte_at *at)
{
	struct span span = {
		.start = max(at->gfn, slot->base_gfn),
		.end = min(at->gfn + spte_level_pages(at->level),
			   slot->base_gfn + slot->npages),
	};

	return span;
}

/* A table that serves other slots, too, cannot be ruled out for one of them. */
static bool span_is_partial(struct span span)
{
	return span.end - span.start != SPTE_ENTRIES &&
	       !DEFECT(DEFECT_HINT_SHARED);
}

static bool leaf_is_dirty(u64 spte)
{
	return spte_is_present(spte) && spte_logs_by_d(spte) &&
	       (spte & shadow_dirty_mask);
}

/*
 * The first gfn from @gfn on whose entry has the Dirty bit set, or the end of
 * the span. Eight entries, one cache line, per look: most lines are clean.
 */
static gfn_t next_dirty(u64 *table, gfn_t gfn, gfn_t end)
{
	const u64 d_bit = shadow_dirty_mask;
	u64 *at = table + spte_slot_of(gfn, PG_LEVEL_4K);
	u64 line;

	while (gfn < end) {
		if (gfn + 8 <= end && IS_ALIGNED(gfn, 8)) {
			line = READ_ONCE(at[0]) | READ_ONCE(at[1]) |
			       READ_ONCE(at[2]) | READ_ONCE(at[3]) |
			       READ_ONCE(at[4]) | READ_ONCE(at[5]) |
			       READ_ONCE(at[6]) | READ_ONCE(at[7]);
			if (!(line & d_bit)) {
				gfn += 8;
				at += 8;
				continue;
			}
		}
		if (leaf_is_dirty(READ_ONCE(*at)))
			break;
		gfn++;
		at++;
	}
	return gfn;
}

/* Bits for the log, gathered while they belong to one word of it. */
struct tell {
	unsigned long *word;
	unsigned long bits;
};

static void tell_now(struct tell *t)
{
	if (t->bits && !DEFECT(DEFECT_HARVEST_SILENT))
		atomic_long_or(t->bits, (atomic_long_t *)t->word);
	t->bits = 0;
}

static void tell_page(struct tell *t, unsigned long *bitmap, unsigned long rel)
{
	unsigned long *word = bitmap + rel / BITS_PER_LONG;

	if (word != t->word)
		tell_now(t);
	t->word = word;
	t->bits |= BIT(rel % BITS_PER_LONG);
}

/* Move the Dirty bits of one table of 4K leaves. */
static void harvest_table(struct harvest *h, u64 *table, struct span span)
{
	struct spte_at at = {
		.level = PG_LEVEL_4K,
		.as_id = h->slot->as_id,
	};
	struct tell tell = { .word = NULL };

	mmub_count(harvest_tables);
	for (at.gfn = next_dirty(table, span.start, span.end);
	     at.gfn < span.end;
	     at.gfn = next_dirty(table, at.gfn + 1, span.end)) {
		at.sptep = table + spte_slot_of(at.gfn, PG_LEVEL_4K);
		if (!mmub_change_leaf_bits(&h->op, &at, shadow_dirty_mask, 0))
			continue;
		h->flush = true;
		tell_page(&tell, h->slot->dirty_bitmap,
			  at.gfn - h->slot->base_gfn);
		mmub_count(harvested);
	}
	tell_now(&tell);
}

/*
 * Clear the parent's Accessed bit. Only a table entry that is still the same
 * is touched; losing the race to somebody who changes it means "accessed".
 * The exchange also orders: hint and Accessed bit first, Dirty bits after.
 */
static void harvest_parent(struct harvest *h, struct spte_at *at)
{
	u64 old = at->old;

	if (try_cmpxchg64(at->sptep, &old, old & ~shadow_accessed_mask)) {
		h->flush = true;
		at->old &= ~shadow_accessed_mask;
	}
}

/*
 * Look below every parent that was used since the last harvest, and below those
 * used before the last harvest's flush. The hint is read and taken back before
 * the look: what is set later than that needs a walk that sets Accessed.
 */
static void harvest_below(struct harvest *h, struct spte_at *at)
{
	const struct span span = harvest_span(h->slot, at);
	struct kvm_mmu_page *sp = mmub_table_below(at->old);
	const bool used = at->old & shadow_accessed_mask;

	if (!span_is_partial(span)) {
		if (!used && !mmub_table_hint_dirty(sp)) {
			mmub_count(harvest_skipped);
			return;
		}
		mmub_table_set_hint(sp, used && !DEFECT(DEFECT_HINT_TOO_EARLY));
		if (used)
			harvest_parent(h, at);
	}
	harvest_table(h, sp->spt, span);
}

static void harvest_root(struct harvest *h, struct kvm_mmu_page *root)
{
	const struct kvm_memory_slot *slot = h->slot;
	struct mmub_walk w;

	rcu_read_lock();
	mmub_walk_begin(&w, root, slot->base_gfn, slot->base_gfn + slot->npages,
			PG_LEVEL_2M);
	while (mmub_walk_next(&w)) {
		if (mmub_walk_yield(&w, &h->op, FLUSH_BEFORE_UNLOCK))
			continue;
		if (w.at.level == PG_LEVEL_2M &&
		    spte_is_table(w.at.old, PG_LEVEL_2M))
			harvest_below(h, &w.at);
	}
	rcu_read_unlock();
}

static void harvest_roots(struct harvest *h)
{
	struct kvm_mmu_page *root = NULL;

	while ((root = mmub_roots_next_lockless(h->op.kvm, root,
						h->slot->as_id)))
		if (mmub_table_has_ad(root))
			harvest_root(h, root);
}

/*
 * A zap that took a Dirty bit just before the scan may not have told the log
 * yet. It holds mmu_lock for write until it has (or slots_lock, which is held
 * here): wait for it.
 */
static void harvest_wait_for_zaps(struct kvm *kvm)
{
	mmub_count(lock_harvest);
	read_lock(&kvm->mmu_lock);
	read_unlock(&kvm->mmu_lock);
}

bool mmub_harvest_slot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	struct harvest h = { .slot = slot };

	if (!mmub_dirty_by_dbit(kvm) || !slot->dirty_bitmap)
		return false;

	lockdep_assert_held(&kvm->slots_lock);
	mmub_count(harvest_calls);
	mmub_op_begin(&h.op, kvm, MMU_LOCKLESS, OP_OWN_DIRTY | OP_OWN_YOUNG);

	harvest_roots(&h);
	harvest_wait_for_zaps(kvm);
	return h.flush;
}
