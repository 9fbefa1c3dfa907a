// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host memory behind the guest: its page table, and the notifiers that
 * announce each change.
 *
 * Question: when the host changes or takes back a page, is the guest really
 * cut off from it before the change, and has the page got its Dirty and
 * Accessed marks?
 * Method: one host page table; each change is bracketed by invalidations in
 * the order of the notifier contract; pages are reference counted and the
 * marks of a page without references are a complaint.
 * Cannot tell: reclaim policy, reverse maps of the host, swap.
 */
#include "sim/host.h"
#include "sim/pages.h"
#include "sim/witness.h"

void host_init(struct vm *vm)
{
	pages_init();
	mutex_init_rank(&host_of(vm)->mmap_lock, RANK_MMAP);
	host_of(vm)->ptl.rank = RANK_PTL;
	host_of(vm)->mn_lock.rank = RANK_LEAF;
}

static u64 pte_of(unsigned long pfn, bool writable)
{
	return ((u64)pfn << PAGE_SHIFT) | HPTE_PRESENT |
	       (writable ? HPTE_WRITABLE : 0);
}

static void pte_set(struct vm *vm, unsigned long idx, u64 pte)
{
	spin_lock(&host_of(vm)->ptl);
	if (pte & HPTE_PRESENT)
		pfn_to_page(pte >> PAGE_SHIFT)->index = idx;
	__atomic_store_n(&host_of(vm)->pte[idx], pte, __ATOMIC_RELEASE);
	spin_unlock(&host_of(vm)->ptl);
}

static void pte_drop(struct vm *vm, unsigned long idx)
{
	u64 pte = host_of(vm)->pte[idx];

	if (!(pte & HPTE_PRESENT))
		return;
	pte_set(vm, idx, 0);
	page_put(pte >> PAGE_SHIFT);
}

void host_exit(struct vm *vm)
{
	unsigned long i;

	for (i = 0; i < HOST_PAGES; i++)
		pte_drop(vm, i);
	pages_check_all_back();
}

/* Without sleeping: only what is there already. Takes a page reference. */
bool host_fast(struct vm *vm, unsigned long idx, bool write, bool *writable,
	       kvm_pfn_t *pfn)
{
	bool ok;
	u64 pte;

	spin_lock(&host_of(vm)->ptl);
	pte = host_of(vm)->pte[idx];
	ok = (pte & HPTE_PRESENT) && (!write || (pte & HPTE_WRITABLE));
	if (ok) {
		*pfn = pte >> PAGE_SHIFT;
		*writable = pte & HPTE_WRITABLE;
		__atomic_add_fetch(&pfn_to_page(*pfn)->refs, 1,
				   __ATOMIC_ACQ_REL);
	}
	spin_unlock(&host_of(vm)->ptl);
	return ok;
}

static void populate(struct vm *vm, unsigned long idx)
{
	unsigned long region = idx / HOST_REGION, first = region * HOST_REGION;
	unsigned long i, pfn;

	for (i = first; i < first + HOST_REGION; i++)
		if (host_of(vm)->pte[i] || host_of(vm)->vma_ro[i])
			break;
	if (i == first + HOST_REGION && task_one_in(2)) {
		pfn = block_new();
		if (pfn) {
			for (i = 0; i < HOST_REGION; i++)
				pte_set(vm, first + i, pte_of(pfn + i, true));
			WRITE_ONCE(host_of(vm)->huge[region], true);
			return;
		}
	}
	pte_set(vm, idx, pte_of(page_new(), !host_of(vm)->vma_ro[idx]));
}

/* 0 and a referenced page, or an errno. */
int host_gup(struct vm *vm, unsigned long idx, bool write, bool *writable,
	     kvm_pfn_t *pfn)
{
	might_sleep();
	if (host_fast(vm, idx, write, writable, pfn))
		return 0;
	mutex_lock(&host_of(vm)->mmap_lock);
	if (!(host_of(vm)->pte[idx] & HPTE_PRESENT))
		populate(vm, idx);
	if (write && host_of(vm)->vma_ro[idx]) {
		mutex_unlock(&host_of(vm)->mmap_lock);
		return -EFAULT;
	}
	if (write && !(host_of(vm)->pte[idx] & HPTE_WRITABLE)) {
		mutex_unlock(&host_of(vm)->mmap_lock);
		host_replace(vm, idx, 1);
		mutex_lock(&host_of(vm)->mmap_lock);
	}
	mutex_unlock(&host_of(vm)->mmap_lock);
	return host_fast(vm, idx, write, writable, pfn) ? 0 : -EAGAIN;
}

/*
 * One change of the host's page table.  A huge mapping that is only partly in
 * the range is split first, under an invalidation of its own, as the host
 * does it.
 */
static void change_begin(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long r, to = first + nr;

	mutex_lock(&host_of(vm)->mmap_lock);
	host_invalidate_begin(vm, first, nr, task_one_in(2));
	for (r = first / HOST_REGION; r * HOST_REGION < to; r++) {
		unsigned long start = r * HOST_REGION;

		if (!host_of(vm)->huge[r])
			continue;
		if (first > start || to < start + HOST_REGION) {
			host_invalidate_begin(vm, start, HOST_REGION, false);
			WRITE_ONCE(host_of(vm)->huge[r], false);
			host_invalidate_end(vm, start, HOST_REGION);
		}
		WRITE_ONCE(host_of(vm)->huge[r], false);
	}
}

static void change_end(struct vm *vm, unsigned long first, unsigned long nr)
{
	oracle_nothing_maps(vm, first, nr);
	host_invalidate_end(vm, first, nr);
	mutex_unlock(&host_of(vm)->mmap_lock);
}

void host_discard(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long i;

	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++)
		pte_drop(vm, i);
	change_end(vm, first, nr);
}

void host_replace(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long i;

	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++) {
		if (!(host_of(vm)->pte[i] & HPTE_PRESENT))
			continue;
		pte_drop(vm, i);
		pte_set(vm, i, pte_of(page_new(), !host_of(vm)->vma_ro[i]));
	}
	change_end(vm, first, nr);
}

/* @vma: for good (mprotect); else until the next write copies (fork). */
void host_protect(struct vm *vm, unsigned long first, unsigned long nr,
		  bool vma)
{
	unsigned long i;

	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++) {
		if (vma)
			host_of(vm)->vma_ro[i] = true;
		if (host_of(vm)->pte[i] & HPTE_PRESENT)
			pte_set(vm, i, host_of(vm)->pte[i] & ~HPTE_WRITABLE);
	}
	change_end(vm, first, nr);
}

void host_unprotect(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long i;

	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++)
		host_of(vm)->vma_ro[i] = false;
	change_end(vm, first, nr);
}

static bool in_block(u64 pte)
{
	return (pte & HPTE_PRESENT) && page_is_of_block(pte >> PAGE_SHIFT);
}

static void clean_page(struct vm *vm, unsigned long idx)
{
	u64 pte = host_of(vm)->pte[idx];

	if (pte & HPTE_PRESENT)
		page_clean(pte >> PAGE_SHIFT);
}

/*
 * Written back to its store: from here on a write must mark it again.  The
 * pages of a block are one folio and go together.
 */
void host_clean(struct vm *vm, unsigned long first, unsigned long nr)
{
	bool block = in_block(READ_ONCE(host_of(vm)->pte[first]));
	unsigned long i;

	if (block) {
		first -= first % HOST_REGION;
		nr = HOST_REGION;
	}
	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++)
		if (block == in_block(host_of(vm)->pte[i]))
			clean_page(vm, i);
	change_end(vm, first, nr);
}

void host_make_huge(struct vm *vm, unsigned long region)
{
	unsigned long first = region * HOST_REGION, i, pfn;

	change_begin(vm, first, HOST_REGION);
	for (i = 0; i < HOST_REGION; i++)
		if (host_of(vm)->vma_ro[first + i])
			break;
	pfn = i == HOST_REGION ? block_new() : 0;
	for (i = 0; pfn && i < HOST_REGION; i++) {
		pte_drop(vm, first + i);
		pte_set(vm, first + i, pte_of(pfn + i, true));
	}
	if (pfn)
		WRITE_ONCE(host_of(vm)->huge[region], true);
	change_end(vm, first, HOST_REGION);
}

void host_break_huge(struct vm *vm, unsigned long region)
{
	unsigned long first = region * HOST_REGION;

	change_begin(vm, first, HOST_REGION);
	change_end(vm, first, HOST_REGION);
}
