// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every legal state of a leaf, times every operation, against a model.
 *
 * Question: what does one operation do to one entry, and what does it answer?
 * Method: a leaf is described by its properties; each combination that may
 * exist is written into a live table, an operation of the seam runs on it, and
 * the result is read back and compared, property by property, with what a few
 * lines of model say.  4K and 2M leaves; logging by W and by D.
 * Cannot tell: anything concurrent.
 */
#include "vm.h"
#include "tests.h"

#ifndef MMU_STOCK
#include "../change.h"
#endif

#define GFN_SMALL 515UL
#define GFN_HUGE 1024UL

struct leaf {
	bool present, w, x, a, d, mmu_w, host_w, tracked;
	int level;
	unsigned long pfn;
};

struct states {
	struct vm vm;
	struct kvm_memory_slot *slot;
	u64 *at;
	gfn_t gfn;
	const char *op;
	struct leaf in;
	u64 done;
};

static u64 encode(const struct leaf *l)
{
	u64 s = SEAM_PRESENT | shadow_present_mask | shadow_user_mask;

	s |= (u64)l->pfn << PAGE_SHIFT;
	s |= l->x ? shadow_x_mask : shadow_nx_mask;
	s |= shadow_memtype_mask ? 6 << 3 | VMX_EPT_IPAT_BIT : 0;
	s |= l->level > PG_LEVEL_4K ? PT_PAGE_SIZE_MASK : 0;
	s |= l->w ? PT_WRITABLE_MASK : 0;
	s |= l->mmu_w ? shadow_mmu_writable_mask : 0;
	s |= l->host_w ? shadow_host_writable_mask : 0;
	s |= l->a ? shadow_accessed_mask : 0;
	s |= l->d ? shadow_dirty_mask : 0;
	if (hw_has_ad())
		return s;
	s |= SEAM_AD_DISABLED;
	if (l->tracked)
		s = (s & ~shadow_acc_track_mask) |
		    (s & SEAM_SAVED_RX) << SEAM_SAVED_SHIFT;
	return s;
}

static struct leaf decode(u64 s, int level)
{
	struct leaf l = { .present = seam_leaf(s, level), .level = level };
	u64 plain;

	if (!l.present)
		return (struct leaf){ .level = level };
	l.tracked = !hw_has_ad() && seam_tracked(s);
	plain = l.tracked ? seam_untrack(s) : s;
	l.w = s & PT_WRITABLE_MASK;
	l.x = seam_executable(plain);
	l.a = shadow_accessed_mask && (s & shadow_accessed_mask);
	l.d = shadow_dirty_mask && (s & shadow_dirty_mask);
	l.mmu_w = s & shadow_mmu_writable_mask;
	l.host_w = s & shadow_host_writable_mask;
	l.pfn = (s & GENMASK_ULL(51, 12)) >> PAGE_SHIFT;
	return l;
}

static bool same(const struct leaf *a, const struct leaf *b)
{
	return a->present == b->present && a->w == b->w && a->x == b->x &&
	       a->a == b->a && a->d == b->d && a->mmu_w == b->mmu_w &&
	       a->host_w == b->host_w && a->tracked == b->tracked &&
	       (!a->present || a->pfn == b->pfn);
}

static void expect(struct states *t, u64 spte, const struct leaf *want)
{
	struct leaf got = decode(spte, want->level);

	t->done++;
	WARN(!same(&got, want),
	     "%s on w%d x%d a%d d%d mmu-w%d host-w%d tracked%d level %d: "
	     "got %llx, is w%d x%d a%d d%d mmu-w%d tracked%d, "
	     "want w%d x%d a%d d%d mmu-w%d tracked%d", t->op, t->in.w, t->in.x,
	     t->in.a, t->in.d, t->in.mmu_w, t->in.host_w, t->in.tracked,
	     want->level, spte, got.w, got.x, got.a, got.d, got.mmu_w,
	     got.tracked, want->w, want->x, want->a, want->d, want->mmu_w,
	     want->tracked);
}

static void expect_answer(struct states *t, bool got, bool want)
{
	WARN(got != want, "%s on w%d d%d mmu-w%d tracked%d: answered %d",
	     t->op, t->in.w, t->in.d, t->in.mmu_w, t->in.tracked, got);
}

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
	if (!same(&want, &t->in))
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
	else
		want.w = false;
	if (!same(&want, &t->in))
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
static u64 *find_entry(struct states *t, int level)
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
	t->at = find_entry(t, t->in.level);
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
	u64 old = encode(&t->in), d = shadow_dirty_mask;
	int level = t->in.level;

	t->op = "flush rule";
	WARN(change_flush(old, BIT_ULL(63), level) != FLUSH_BEFORE_UNLOCK,
	     "a zap asks for no flush before unlock");
	if (t->in.a)
		WARN(change_flush(old, old & ~shadow_accessed_mask, level) !=
		     FLUSH_NEVER, "losing A asks for a flush");
	if (t->in.d)
		WARN(change_flush(old, old & ~d, level) < FLUSH_BEFORE_REPORT,
		     "losing D asks for no flush");
	if (t->in.w)
		WARN(change_flush(old, old & ~PT_WRITABLE_MASK, level) <
		     FLUSH_BEFORE_REPORT, "losing W asks for no flush");
	if (t->in.mmu_w)
		WARN(change_flush(old, old & ~(shadow_mmu_writable_mask |
				  PT_WRITABLE_MASK), level) !=
		     FLUSH_BEFORE_UNLOCK, "losing MMU-W asks for no flush");
	t->done++;
}
#endif

/* A property combination that may exist? */
static bool legal(const struct leaf *l)
{
	if (l->w && !l->mmu_w)
		return false;
	if (l->mmu_w && !l->host_w)
		return false;
	if (hw_has_ad())
		return !l->tracked;
	return !l->a && !l->d && !(l->tracked && l->w);
}

static void plant(struct states *t, const struct leaf *l)
{
	t->in = *l;
	WRITE_ONCE(*t->at, encode(l));
	kvm_set_pfn_dirty(l->pfn);
}

static void one_state(struct states *t, const struct leaf *l)
{
	static void (*const checks[])(struct states *) = {
		check_age, check_wrprot_slot, check_clear_dirty,
		check_write_protect, check_unmap, check_round_trip,
		check_flush_rule,
	};
	u64 before = *t->at;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		plant(t, l);
		checks[i](t);
		kvm_flush_remote_tlbs(&t->vm.kvm);
	}
	plant(t, l);
	check_masked(t, true);
	plant(t, l);
	check_masked(t, false);
	if (l->level > PG_LEVEL_4K) {
		plant(t, l);
		check_split(t);
	}
	WRITE_ONCE(*t->at, before);
	kvm_flush_remote_tlbs(&t->vm.kvm);
}

static void all_states(struct states *t, int level, gfn_t gfn)
{
	enum hw_kind kind = HW_READ;
	unsigned int bits;
	u64 before;

	t->gfn = gfn;
	vcpu_run(&t->vm.vcpu[0], &gfn, &kind, 1);
	t->in.level = level;
	t->at = find_entry(t, level);
	before = *t->at;
	WARN(!seam_leaf(before, level), "gfn %llx is not mapped at level %d",
	     gfn, level);
	for (bits = 0; bits < 128; bits++) {
		struct leaf l = {
			.present = true, .level = level,
			.pfn = (before & GENMASK_ULL(51, 12)) >> PAGE_SHIFT,
			.w = bits & 1, .mmu_w = bits & 2, .host_w = bits & 4,
			.x = bits & 8, .a = bits & 16, .d = bits & 32,
			.tracked = bits & 64,
		};

		if (legal(&l))
			one_state(t, &l);
	}
}

/* One page that is there, and read-only, keeps its region from being huge. */
static void keep_small(struct states *t, unsigned long idx)
{
	enum hw_kind kind = HW_READ;

	t->gfn = idx; /* slot 0 shows host page n as gfn n */
	host_protect(&t->vm, idx, 1, true);
	vcpu_run(&t->vm.vcpu[0], &t->gfn, &kind, 1);
}

static u64 one_config(const struct test_args *a, bool dbit)
{
	static struct states t;
	struct vm_config cfg = { .mode = a->mode, .dbit = dbit,
				 .no_around = true };
	u64 done = t.done;

	tasks_begin(TASK_RANDOM, a->seed);
	vm_setup(&t.vm, &cfg, 1);
	slot_create(&t.vm, 0, 0);
	t.slot = t.vm.kvm.memslots[0]->slot[0];
	keep_small(&t, GFN_SMALL + 9);
	host_make_huge(&t.vm, GFN_HUGE / HOST_REGION);
	all_states(&t, PG_LEVEL_4K, GFN_SMALL);
	all_states(&t, PG_LEVEL_2M, GFN_HUGE);
	oracle_quiet(&t.vm);
	vm_destroy(&t.vm);
	return t.done - done;
}

int test_states(const struct test_args *a)
{
	u64 done;

	oracle_phase = "states";
	vm_set_mode(a->mode);
	done = one_config(a, false);
	if (!FACE_STOCK && hw_has_ad())
		done += one_config(a, true);
	printf("# states: %llu results compared\n", done);
	return 0;
}
