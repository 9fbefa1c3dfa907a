// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of states.c, each beside the few lines that say what it must
 * do to one leaf, and what it must answer.
 */
#include "kvm/vcpu.h"
#include "tests/states.h"

#ifndef MMU_STOCK
#include "base/change.h"
#endif

static bool is_young(const struct leaf *l)
{
	return hw_has_ad() ? l->a : !l->tracked;
}

static struct kvm_gfn_range range_of(struct states *t)
{
	return (struct kvm_gfn_range){ .slot = t->slot, .start = t->gfn,
				       .end = t->gfn + 1 };
}

static void lock_for(struct states *t, bool write)
{
	if (write)
		write_lock(&t->vm.kvm.mmu_lock);
	else
		read_lock(&t->vm.kvm.mmu_lock);
}

static void unlock_for(struct states *t, bool write)
{
	if (write)
		write_unlock(&t->vm.kvm.mmu_lock);
	else
		read_unlock(&t->vm.kvm.mmu_lock);
}

static void check_age(struct states *t)
{
	struct kvm_gfn_range r = range_of(t);
	struct leaf want = t->in;
	bool young;

	t->op = "test_age";
	lock_for(t, true);
	young = kvm_tdp_mmu_test_age_gfn(&t->vm.kvm, &r);
	expect_answer(t, young, is_young(&t->in));
	expect(t, *t->at, &want);
	t->op = "age";
	young = kvm_tdp_mmu_age_gfn_range(&t->vm.kvm, &r);
	unlock_for(t, true);
	expect_answer(t, young, is_young(&t->in));
	if (hw_has_ad()) {
		want.a = false;
	} else {
		want.tracked = true;
		want.w = false;
	}
	expect(t, *t->at, &want);
}

static bool by_dbit(const struct states *t)
{
	return !FACE_STOCK && t->vm.cfg.dbit && hw_has_ad();
}

static void check_wrprot_slot(struct states *t)
{
	struct leaf want = t->in;
	bool changed;

	t->op = "wrprot_slot";
	lock_for(t, false);
	changed = kvm_tdp_mmu_wrprot_slot(&t->vm.kvm, t->slot, PG_LEVEL_4K);
	unlock_for(t, false);
	if (by_dbit(t) && t->in.level == PG_LEVEL_4K)
		want.d = false;
	else
		want.w = false;
	/* Other leaves of the slot may have changed as well. */
	if (!leaf_same(&want, &t->in))
		expect_answer(t, changed, true);
	if (!by_dbit(t))
		expect(t, *t->at, &want);
	else
		WARN(t->in.level == PG_LEVEL_4K && (*t->at & shadow_dirty_mask),
		     "wrprot_slot left D, the log would not see a write");
}

static void check_clear_dirty(struct states *t)
{
	struct leaf want = t->in;
	bool changed;

	t->op = "clear_dirty_slot";
	lock_for(t, false);
	changed = kvm_tdp_mmu_clear_dirty_slot(&t->vm.kvm, t->slot);
	unlock_for(t, false);
	if (hw_has_ad())
		want.d = false;
	/* Our engine takes W of what must be split before a write, too. */
	if (!hw_has_ad() || (!FACE_STOCK && t->in.level > PG_LEVEL_4K))
		want.w = false;
	if (!leaf_same(&want, &t->in))
		expect_answer(t, changed, true);
	expect(t, *t->at, &want);
}

static void check_masked(struct states *t, bool wrprot)
{
	struct leaf want = t->in;
	gfn_t base = t->slot->base_gfn +
		     ((t->gfn - t->slot->base_gfn) & ~(gfn_t)63);

	t->op = wrprot ? "masked wrprot" : "masked clear_dirty";
	lock_for(t, true);
	kvm_tdp_mmu_clear_dirty_pt_masked(&t->vm.kvm, t->slot, base,
					  BIT(t->gfn - base), wrprot);
	unlock_for(t, true);
	if (t->in.level == PG_LEVEL_4K) {
		if (hw_has_ad() && (!wrprot || by_dbit(t)))
			want.d = false;
		else
			want.w = false;
	}
	if (!by_dbit(t) || t->in.level == PG_LEVEL_4K)
		expect(t, *t->at, &want);
}

static void check_write_protect(struct states *t)
{
	struct leaf want = t->in;
	bool changed;

	t->op = "write_protect_gfn";
	lock_for(t, true);
	changed = kvm_tdp_mmu_write_protect_gfn(&t->vm.kvm, t->slot, t->gfn,
						t->in.level);
	unlock_for(t, true);
	want.w = false;
	want.mmu_w = false;
	expect_answer(t, changed, t->in.mmu_w);
	expect(t, *t->at, &want);
}

/* Looks the page up again: a zap has emptied the entry. */
u64 *states_find_entry(struct states *t, int level)
{
	u64 *table = seam_root(t->vm.vcpu[0].arch.mmu->root.hpa)->spt;
	int l;

	for (l = PT64_ROOT_4LEVEL;; l--) {
		u64 *at = table + ((t->gfn >> KVM_HPAGE_GFN_SHIFT(l)) & 511);

		if (l == level)
			return at;
		WARN(!seam_present(*at) || seam_leaf(*at, l),
		     "no table at level %d for gfn %llx", l - 1, t->gfn);
		table = seam_child(*at)->spt;
	}
}

static void remap(struct states *t)
{
	enum hw_kind kind = HW_READ;

	vcpu_run(&t->vm.vcpu[0], &t->gfn, &kind, 1);
	t->at = states_find_entry(t, t->in.level);
	WARN(!seam_leaf(*t->at, t->in.level), "gfn %llx does not map again",
	     t->gfn);
}

static void check_unmap(struct states *t)
{
	struct kvm_gfn_range r = range_of(t);
	struct page *page = pfn_to_page(t->in.pfn);
	struct leaf want = { .level = t->in.level };
	bool flush;

	t->op = "unmap";
	page->accessed = false;
	lock_for(t, true);
	flush = kvm_tdp_mmu_unmap_gfn_range(&t->vm.kvm, &r, false);
	if (flush)
		kvm_flush_remote_tlbs(&t->vm.kvm);
	unlock_for(t, true);
	expect_answer(t, flush, true);
	expect(t, *t->at, &want);
	WARN(page->accessed != is_young(&t->in),
	     "unmap of a leaf with a%d tracked%d told the host %d", t->in.a,
	     t->in.tracked, page->accessed);
	remap(t);
}

/* Splits a 2M leaf; each child is the parent, one page of it. */
static void check_split(struct states *t)
{
	struct kvm_mmu_page *child;
	struct leaf want = t->in;
	struct kvm_gfn_range r;
	int i;

	if (t->in.level == PG_LEVEL_4K)
		return;
	t->op = "split";
	mutex_lock(&t->vm.kvm.slots_lock);
	lock_for(t, false);
	kvm_tdp_mmu_try_split_huge_pages(&t->vm.kvm, t->slot, t->gfn,
					 t->gfn + 512, PG_LEVEL_4K, true);
	unlock_for(t, false);
	mutex_unlock(&t->vm.kvm.slots_lock);
	WARN(!seam_present(*t->at) || seam_leaf(*t->at, PG_LEVEL_2M),
	     "split left %llx", *t->at);
	child = seam_child(*t->at);
	want.level = PG_LEVEL_4K;
	for (i = 0; i < 512; i++, want.pfn++) {
		WARN(child->spt[i] & PT_PAGE_SIZE_MASK && hw_mode != HW_NPT,
		     "split child still says huge");
		expect(t, child->spt[i], &want);
	}
	/* Unmap it all; the next fault maps it huge again. */
	r = range_of(t);
	r.end = r.start + 512;
	lock_for(t, true);
	if (kvm_tdp_mmu_unmap_gfn_range(&t->vm.kvm, &r, false))
		kvm_flush_remote_tlbs(&t->vm.kvm);
	unlock_for(t, true);
	remap(t);
}

/* Age, then access again: nothing the guest may do has changed. */
static void check_round_trip(struct states *t)
{
	enum hw_kind kind = t->in.x ? HW_EXEC : HW_READ;
	struct kvm_gfn_range r = range_of(t);
	struct leaf want = t->in;

	t->op = "age and access";
	lock_for(t, true);
	kvm_tdp_mmu_age_gfn_range(&t->vm.kvm, &r);
	unlock_for(t, true);
	kvm_flush_remote_tlbs(&t->vm.kvm);
	t->vm.vcpu[0].stat.pf_fast = 0;
	vcpu_run(&t->vm.vcpu[0], &t->gfn, &kind, 1);
	want.a = hw_has_ad();
	want.tracked = false;
	if (!hw_has_ad())
		want.w = false;
	expect(t, *t->at, &want);
	WARN(t->vm.vcpu[0].stat.pf_fast != !hw_has_ad(),
	     "access after aging took %llu fast faults",
	     t->vm.vcpu[0].stat.pf_fast);
}

#ifdef MMU_STOCK
static void check_flush_rule(struct states *t)
{
	(void)t;
}
#else
/* What each loss asks for: the rules of flushing, read off one function. */
static void check_flush_rule(struct states *t)
{
	u64 old = leaf_encode(&t->in), d = shadow_dirty_mask;
	int level = t->in.level;

	t->op = "flush rule";
	WARN(mmub_change_flush(old, BIT_ULL(63), level) != FLUSH_BEFORE_UNLOCK,
	     "a zap asks for no flush before unlock");
	if (t->in.a)
		WARN(mmub_change_flush(old, old & ~shadow_accessed_mask,
				       level) != FLUSH_NEVER,
		     "losing A asks for a flush");
	if (t->in.d)
		WARN(mmub_change_flush(old, old & ~d, level) <
			     FLUSH_BEFORE_REPORT,
		     "losing D asks for no flush");
	if (t->in.w)
		WARN(mmub_change_flush(old, old & ~PT_WRITABLE_MASK, level) <
			     FLUSH_BEFORE_REPORT,
		     "losing W asks for no flush");
	if (t->in.mmu_w)
		WARN(mmub_change_flush(old,
				       old & ~(shadow_mmu_writable_mask |
					       PT_WRITABLE_MASK),
				       level) != FLUSH_BEFORE_UNLOCK,
		     "losing MMU-W asks for no flush");
	t->done++;
}
#endif

static void check_masked_w(struct states *t)
{
	check_masked(t, true);
}

static void check_masked_d(struct states *t)
{
	check_masked(t, false);
}

void (*const state_checks[])(struct states *) = {
	check_age, check_wrprot_slot, check_clear_dirty, check_write_protect,
	check_unmap, check_round_trip, check_flush_rule, check_masked_w,
	check_masked_d, check_split, NULL,
};
