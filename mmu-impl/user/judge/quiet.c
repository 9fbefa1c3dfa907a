// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's look at the tables while nothing runs.
 *
 * Question: do the tables, the page headers and the statistics tell the same
 * story?
 * Method: a recursive walk from every root, by the format alone, counting
 * leaves per size and tables; every entry must be legal for the hardware and
 * in a state the codec knows; nothing may be frozen.
 * Cannot tell: what happened in between.
 */
#include "judge/oracle.h"

struct tally {
	long leaves[KVM_NR_PAGE_SIZES];
	long tables;
	struct vm *vm;
	struct kvm_mmu_page *root;
};

static void check_leaf(const struct tally *t, u64 spte, gfn_t gfn, int level)
{
	bool w = spte & PT_WRITABLE_MASK;
	bool mmu_w = spte & shadow_mmu_writable_mask;
	bool host_w = spte & shadow_host_writable_mask;
	struct hw_entry e = hw_decode(spte, level);

	WARN(e.rsvd, "leaf %llx of gfn %llx has reserved bits",
	     spte, gfn);
	WARN((w && !mmu_w) || (mmu_w && !host_w),
	     "leaf %llx: W without the right to it",
	     spte);
	WARN(seam_tracked(spte) && shadow_acc_track_mask && e.present,
	     "access-tracked leaf %llx is present for the hardware",
	     spte);
	WARN(hw_mode == HW_EPT_NOAD && (spte & SEAM_AD_MASK) !=
	     SEAM_AD_DISABLED, "leaf %llx claims A/D bits",
	     spte);
	WARN(level > PG_LEVEL_4K && t->vm->cfg.nx &&
	     seam_executable(spte), "huge leaf %llx is executable",
	     spte);
	WARN(!mem_is_guest(e.pfn), "leaf %llx maps no guest page",
	     spte);
}

static void walk_table(struct tally *t, u64 *table, int level, gfn_t base);

static void walk_entry(struct tally *t, u64 *at, int level, gfn_t gfn)
{
	u64 spte = *at;
	struct kvm_mmu_page *sp;

	WARN(spte == SEAM_FROZEN, "entry of gfn %llx level %d left frozen",
	     gfn, level);
	if (!seam_present(spte))
		return;
	if (seam_leaf(spte, level)) {
		WARN(level > KVM_NR_PAGE_SIZES, "leaf at level %d", level);
		check_leaf(t, spte, gfn, level);
		t->leaves[level - 1]++;
		return;
	}
	sp = seam_child(spte);
	WARN(sp->role.level != level - 1 || sp->gfn != gfn,
	     "page header of gfn %llx level %d does not fit its place",
	     gfn, level - 1);
	WARN(sp->ptep != at, "page header does not know its parent entry");
	WARN(!(sp->role.word == t->root->role.word) &&
	     (sp->role.smm != t->root->role.smm ||
	      sp->role.guest_mode != t->root->role.guest_mode),
	     "page header has another role than its root");
	t->tables++;
	walk_table(t, sp->spt, level - 1, gfn);
}

static void walk_table(struct tally *t, u64 *table, int level, gfn_t base)
{
	int i;

	WARN(!mem_table_alive(mem_pa(table) >> PAGE_SHIFT),
	     "linked table of gfn %llx is freed", base);
	for (i = 0; i < 512; i++)
		walk_entry(t, table + i, level,
			   base + (gfn_t)i * KVM_PAGES_PER_HPAGE(level));
}

/* The leaf for @gfn below @root as it is now, or 0. */
static u64 leaf_of(struct kvm_mmu_page *root, gfn_t gfn)
{
	u64 *table = root->spt, spte;
	int level;

	for (level = root->role.level;; level--) {
		spte = table[(gfn >> KVM_HPAGE_GFN_SHIFT(level)) & 511];
		if (!seam_present(spte))
			return 0;
		if (seam_leaf(spte, level))
			return spte;
		table = seam_child(spte)->spt;
	}
}

static void slot_maps_nothing(struct vm *vm, struct vm_slot_state *st,
			      unsigned long idx)
{
	gfn_t gfn = st->base_gfn + (idx - st->host_first);
	struct kvm_mmu_page *root;
	struct list_head *at, *head = &vm->kvm.arch.tdp_mmu_roots;

	for (at = head->next; at != head; at = at->next) {
		root = container_of(at, struct kvm_mmu_page, link);
		WARN(!!root->role.smm == st->as_id && leaf_of(root, gfn),
		     "gfn %llx mapped again during its invalidation", gfn);
	}
}

/* Fibers only: nothing else moves while this looks. */
void oracle_nothing_maps(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long idx;
	int i;

	if (task_mode == TASK_THREADS)
		return;
	for (idx = first; idx < first + nr; idx++) {
		for (i = 0; i < 2 * VM_SLOTS; i++) {
			struct vm_slot_state *st =
				&vm->st[i / VM_SLOTS][i % VM_SLOTS];

			if (st->vm && st->live && idx >= st->host_first &&
			    idx < st->host_first + st->npages)
				slot_maps_nothing(vm, st, idx);
		}
	}
}

void oracle_quiet(struct vm *vm)
{
	struct tally t = { .vm = vm };
	long counted;
	int i;

	rcu_read_lock();
	list_for_each_entry_rcu(t.root, &vm->kvm.arch.tdp_mmu_roots, link)
		walk_table(&t, t.root->spt, t.root->role.level, 0);
	rcu_read_unlock();
	for (i = 0; i < KVM_NR_PAGE_SIZES; i++) {
		counted = (long)atomic64_read(&vm->kvm.stat.pages[i]);
		WARN(counted != t.leaves[i],
		     "page statistics, level %d: say %ld, tables have %ld",
		     i + 1, counted, t.leaves[i]);
	}
	counted = (long)atomic64_read(&vm->kvm.arch.tdp_mmu_pages);
	WARN(counted != t.tables, "tdp_mmu_pages says %ld, linked are %ld",
	     counted, t.tables);
	WARN(vm->pgtable_pages != t.tables,
	     "%ld pages accounted as page tables, linked are %ld",
	     vm->pgtable_pages, t.tables);
	for (i = 0; i < 2 * VM_SLOTS; i++)
		oracle_age_settle(&vm->st[i / VM_SLOTS][i % VM_SLOTS]);
	oracle_checks++;
}
