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
#include "judge/oracle.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "tests/states.h"
#include "tests/tests.h"

#define GFN_SMALL 515UL
#define GFN_HUGE 1024UL

u64 leaf_encode(const struct leaf *l)
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

struct leaf leaf_decode(u64 s, int level)
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

bool leaf_same(const struct leaf *a, const struct leaf *b)
{
	return a->present == b->present && a->w == b->w && a->x == b->x &&
	       a->a == b->a && a->d == b->d && a->mmu_w == b->mmu_w &&
	       a->host_w == b->host_w && a->tracked == b->tracked &&
	       (!a->present || a->pfn == b->pfn);
}

void expect(struct states *t, u64 spte, const struct leaf *want)
{
	struct leaf got = leaf_decode(spte, want->level);

	t->done++;
	WARN(!leaf_same(&got, want),
	     "%s on w%d x%d a%d d%d mmu-w%d host-w%d tracked%d level %d: "
	     "got %llx, is w%d x%d a%d d%d mmu-w%d tracked%d, "
	     "want w%d x%d a%d d%d mmu-w%d tracked%d", t->op, t->in.w, t->in.x,
	     t->in.a, t->in.d, t->in.mmu_w, t->in.host_w, t->in.tracked,
	     want->level, spte, got.w, got.x, got.a, got.d, got.mmu_w,
	     got.tracked, want->w, want->x, want->a, want->d, want->mmu_w,
	     want->tracked);
}

void expect_answer(struct states *t, bool got, bool want)
{
	WARN(got != want, "%s on w%d d%d mmu-w%d tracked%d: answered %d",
	     t->op, t->in.w, t->in.d, t->in.mmu_w, t->in.tracked, got);
}

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
	WRITE_ONCE(*t->at, leaf_encode(l));
	kvm_set_pfn_dirty(l->pfn);
}

static void one_state(struct states *t, const struct leaf *l)
{
	u64 before = *t->at;
	size_t i;

	for (i = 0; state_checks[i]; i++) {
		plant(t, l);
		state_checks[i](t);
		kvm_flush_remote_tlbs(&t->vm.kvm);
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
	t->at = states_find_entry(t, level);
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
