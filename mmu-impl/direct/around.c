// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which neighbours of a faulting page can be mapped for free?
 *
 * If the host has the pages around a 4K fault in its own page table, the guest
 * need not exit for each of them. The window is aligned, lies in one slot and
 * one page table, and is filled with entries that are not young: aging still
 * sees who really used a page. Where the log needs faults the neighbours are
 * write-protected; where it reads Dirty bits they start clean. Elsewhere they
 * start dirty, as a page that faults does: with PML on for some other slot, a
 * clean one would be logged for nothing.
 *
 * Without Accessed bits a prefetched entry would fault on its first use just
 * the same, so nothing is done there.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/options.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/unsync.h"
#include "defect.h"
#include "direct/around.h"
#include "direct/hostpt.h"
#include "direct/invalidate.h"
#include "format/leaf.h"

struct window {
	gfn_t start;
	unsigned int nr_pages;
};

/* The part of the aligned window that the slot covers. */
static struct window around_window(const struct kvm_memory_slot *slot,
				   gfn_t gfn)
{
	unsigned int pages = READ_ONCE(mmub_fault_around);
	struct window win = { .start = gfn, .nr_pages = 0 };
	gfn_t start, end;

	pages = rounddown_pow_of_two(clamp(pages, 1u, MMU_AROUND_MAX_PAGES));
	if (pages == 1)
		return win;

	start = max(gfn & ~(gfn_t)(pages - 1), slot->base_gfn);
	end = min((gfn & ~(gfn_t)(pages - 1)) + pages,
		  slot->base_gfn + slot->npages);
	win.start = start;
	win.nr_pages = end - start;
	return win;
}

static void around_install(struct spte_leaf *want,
			   const struct kvm_memory_slot *slot,
			   struct mmub_op *op, struct spte_at *at,
			   const struct mmub_host_page *page)
{
	u64 spte;

	at->old = READ_ONCE(*at->sptep);
	if (at->old != SPTE_EMPTY)
		return;

	want->gfn = at->gfn;
	want->pfn = page->pfn;
	want->how &= ~(SPTE_FOR_HOST_WRITE | SPTE_FOR_SHADOWED);
	/* A slot can be read-only although the host writes its memory. */
	if (page->writable && !(slot->flags & KVM_MEM_READONLY))
		want->how |= SPTE_FOR_HOST_WRITE;
	mmub_unsync_leaf(want, slot);
	spte = mmub_leaf_build(want);

	if (spte_is_mmu_writable(spte))
		kvm_set_pfn_dirty(page->pfn);
	if (mmub_change_try(op, at, spte))
		mmub_count(map_around);
}

/* Apart from its caller, who runs at every fault: the array is large. */
static noinline void around_fill(struct spte_leaf *want,
				 const struct kvm_memory_slot *slot,
				 struct mmub_op *op,
				 const struct spte_at *centre,
				 const struct window *win)
{
	struct mmub_host_page pages[MMU_AROUND_MAX_PAGES];
	struct spte_at at = *centre;
	unsigned int i, nr;

	nr = mmub_hostpt_read(op->kvm, __gfn_to_hva_memslot(slot, win->start),
			      win->nr_pages, pages);
	at.sptep += (s64)(win->start - centre->gfn);
	for (i = 0; i < nr; i++, at.sptep++) {
		at.gfn = win->start + i;
		if (pages[i].present && at.gfn != centre->gfn)
			around_install(want, slot, op, &at, &pages[i]);
	}
}

void mmub_around_map(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		     struct mmub_op *op, const struct spte_at *centre)
{
	struct kvm_mmu_page *sp = mmub_table_of(centre->sptep);
	struct spte_leaf want = {
		.vcpu = vcpu,
		.old = SPTE_EMPTY,
		.ad_kind = mmub_table_ad_kind(sp),
		.level = centre->level,
		.access = SPTE_ACC_ALL,
		.how = SPTE_FOR_PREFETCH,
	};
	struct window win;

	if (!mmub_table_has_ad(sp) || op->kvm->arch.has_private_mem)
		return;
	win = around_window(fault->slot, fault->gfn);
	if (win.nr_pages < 2)
		return;
	if (!DEFECT(DEFECT_AROUND_NO_NOTIFIER) &&
	    !mmub_invalidate_is_quiet(op->kvm, win.start, win.nr_pages))
		return;
	if (kvm_slot_dirty_track_enabled(fault->slot))
		want.how |= mmub_dirty_by_dbit(op->kvm) ? SPTE_FOR_CLEAN
							: SPTE_FOR_LOG;
	around_fill(&want, fault->slot, op, centre, &win);
}
