// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the host's own page table say about a few pages?
 *
 * A plain walk with interrupts off, which keeps the host's tables from being
 * freed, without taking references: the caller holds mmu_lock and knows that no
 * invalidation of the range is under way, so a page it finds cannot go away
 * before the MMU notifier has been through here.
 *
 * Only ordinary memory is reported. "Writable" wants the host's Dirty bit as
 * well: such a page is dirty for the host whatever the guest does to it.
 */
#include "internal.h"
#include "direct/hostpt.h"

/*
 * Anonymous memory, shared memory, hugetlb: what guests are made of. Pages the
 * host keeps from others (secretmem) or owns otherwise are none of these.
 */
static bool host_page_is_ordinary(kvm_pfn_t pfn)
{
	struct folio *folio;

	if (!pfn_valid(pfn) || PageReserved(pfn_to_page(pfn)))
		return false;
	folio = page_folio(pfn_to_page(pfn));
	return folio_test_anon(folio) || folio_test_swapbacked(folio) ||
	       folio_test_hugetlb(folio);
}

static void host_page_set(struct mmub_host_page *out, kvm_pfn_t pfn,
			  bool writable)
{
	out->present = host_page_is_ordinary(pfn);
	out->pfn = pfn;
	out->writable = out->present && writable;
}

/* One page below a page-table page of the host. */
static void host_page_pte(pmd_t pmd, unsigned long hva,
			  struct mmub_host_page *out)
{
	pte_t pte = ptep_get(pte_offset_kernel(&pmd, hva));

	if (!pte_access_permitted(pte, false) || pte_special(pte) ||
	    pte_devmap(pte))
		return;
	host_page_set(out, pte_pfn(pte),
		      pte_access_permitted(pte, true) && pte_dirty(pte));
}

/* The host's entry for 2 MiB; none if there is nothing or something larger. */
static pmd_t host_pmd(struct mm_struct *mm, unsigned long hva)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, hva));
	p4d_t p4d;
	pud_t pud;

	if (pgd_none(pgd) || pgd_bad(pgd))
		return __pmd(0);
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || p4d_bad(p4d))
		return __pmd(0);
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud) || pud_leaf(pud))
		return __pmd(0);
	return READ_ONCE(*pmd_offset(&pud, hva));
}

unsigned int mmub_hostpt_read(struct kvm *kvm, unsigned long hva,
			      unsigned int nr, struct mmub_host_page *out)
{
	pmd_t pmd = __pmd(0);
	unsigned long flags;
	unsigned int i;

	local_irq_save(flags);
	for (i = 0; i < nr; i++, hva += PAGE_SIZE) {
		if (!i || !(hva & ~PMD_MASK))
			pmd = host_pmd(kvm->mm, hva);
		out[i].present = false;
		if (pmd_none(pmd) || !pmd_present(pmd))
			continue;
		if (!pmd_leaf(pmd))
			host_page_pte(pmd, hva, &out[i]);
		else if (pmd_access_permitted(pmd, false) && !pmd_devmap(pmd))
			host_page_set(&out[i],
				      pmd_pfn(pmd) + ((hva & ~PMD_MASK) >>
						      PAGE_SHIFT),
				      pmd_access_permitted(pmd, true) &&
				      pmd_dirty(pmd));
	}
	local_irq_restore(flags);
	return nr;
}
