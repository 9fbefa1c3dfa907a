// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host memory behind the guest: page table, page life, and the notifiers
 * that announce each change.
 *
 * Question: when the host changes or takes back a page, is the guest really
 * cut off from it before the change, and has the page got its Dirty and
 * Accessed marks?
 * Method: one host page table; each change is bracketed by invalidations in
 * the order of the notifier contract; pages are reference counted and the
 * marks of a page without references are a complaint.
 * Cannot tell: reclaim policy, reverse maps of the host, swap.
 */
#include "vm.h"

#define SINGLES (MEM_GUEST_PAGES / 2)
#define BLOCKS (SINGLES / HOST_REGION)

static u32 singles[SINGLES];
static u32 singles_top;
static u32 block_refs[BLOCKS];
static u32 block_hint;
static int pool_lock;
/* A mark on a page of a block is a mark on the whole folio. */
static u64 block_dirty_at[BLOCKS];
static u64 mark_clock = 1;

static u64 mark_next(void)
{
	return __atomic_add_fetch(&mark_clock, 1, __ATOMIC_SEQ_CST);
}

bool host_page_dirty(const struct page *p)
{
	unsigned long i = page_to_pfn(p) - MEM_GUEST_PFN;
	u64 clean = __atomic_load_n(&p->clean_at, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&p->dirty_at, __ATOMIC_ACQUIRE) > clean)
		return true;
	return i < SINGLES &&
	       __atomic_load_n(&block_dirty_at[i / HOST_REGION],
			       __ATOMIC_ACQUIRE) > clean;
}

static void pool_take(void)
{
	while (__atomic_exchange_n(&pool_lock, 1, __ATOMIC_ACQUIRE))
		task_relax("page pool");
}

static void pool_drop(void)
{
	__atomic_store_n(&pool_lock, 0, __ATOMIC_RELEASE);
}

static void page_born(unsigned long pfn)
{
	struct page *p = pfn_to_page(pfn);

	WARN(p->refs, "page %lx born twice", pfn);
	p->clean_at = mark_next();
	p->accessed = false;
	p->wrote = false;
	/* The host may have written it before the guest ever saw it. */
	if (task_one_in(2))
		p->dirty_at = mark_next();
	__atomic_store_n(&p->refs, 1, __ATOMIC_RELEASE);
}

static unsigned long page_new(void)
{
	u32 i;

	pool_take();
	WARN(!singles_top, "out of guest pages");
	i = singles[--singles_top];
	pool_drop();
	page_born(MEM_GUEST_PFN + SINGLES + i);
	return MEM_GUEST_PFN + SINGLES + i;
}

/* An aligned block of 512 pages, or 0. */
static unsigned long block_new(void)
{
	unsigned long pfn = 0;
	u32 i, b;

	pool_take();
	for (i = 0; i < BLOCKS && !pfn; i++) {
		b = (block_hint + i) % BLOCKS;
		if (block_refs[b])
			continue;
		block_refs[b] = HOST_REGION;
		block_hint = b + 1;
		pfn = MEM_GUEST_PFN + b * HOST_REGION;
	}
	pool_drop();
	for (i = 0; pfn && i < HOST_REGION; i++)
		page_born(pfn + i);
	return pfn;
}

static void page_put(unsigned long pfn)
{
	struct page *p = pfn_to_page(pfn);
	unsigned long i = pfn - MEM_GUEST_PFN;
	int left = __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL);

	WARN(left < 0, "page %lx put once too often", pfn);
	if (left)
		return;
	pool_take();
	if (i < SINGLES)
		block_refs[i / HOST_REGION]--;
	else
		singles[singles_top++] = (u32)(i - SINGLES);
	pool_drop();
}

void kvm_release_pfn_clean(kvm_pfn_t pfn)
{
	if (!is_error_noslot_pfn(pfn))
		page_put(pfn);
}

void put_page(struct page *page)
{
	page_put(page_to_pfn(page));
}

static struct page *live_page(kvm_pfn_t pfn, const char *what)
{
	struct page *p;

	WARN(!mem_is_guest(pfn), "%s on frame %llx, not guest memory", what,
	     (unsigned long long)pfn);
	p = pfn_to_page(pfn);
	WARN(!__atomic_load_n(&p->refs, __ATOMIC_ACQUIRE),
	     "%s on page %llx after it was given back", what,
	     (unsigned long long)pfn);
	return p;
}

void kvm_set_pfn_dirty(kvm_pfn_t pfn)
{
	unsigned long i = pfn - MEM_GUEST_PFN;

	__atomic_store_n(&live_page(pfn, "set dirty")->dirty_at, mark_next(),
			 __ATOMIC_RELEASE);
	if (i < SINGLES)
		__atomic_store_n(&block_dirty_at[i / HOST_REGION], mark_next(),
				 __ATOMIC_RELEASE);
}

void kvm_set_pfn_accessed(kvm_pfn_t pfn)
{
	__atomic_store_n(&live_page(pfn, "set accessed")->accessed, true,
			 __ATOMIC_RELEASE);
	oracle_accessed(pfn);
}

struct page *kvm_pfn_to_refcounted_page(kvm_pfn_t pfn)
{
	return pfn_to_page(pfn);
}

void kvm_account_pgtable_pages(void *virt, int nr)
{
	WARN(!mem_table_alive(mem_pa(virt) >> PAGE_SHIFT),
	     "accounting of a freed table");
	__atomic_add_fetch(&the_vm->pgtable_pages, nr, __ATOMIC_RELAXED);
}

void host_init(struct vm *vm)
{
	static bool once;
	u32 i;

	if (!once) {
		for (i = 0; i < SINGLES; i++)
			singles[singles_top++] = i;
		once = true;
	}
	mutex_init_rank(&vm->host.mmap_lock, RANK_MMAP);
	vm->host.ptl.rank = RANK_PTL;
	vm->host.mn_lock.rank = RANK_LEAF;
}

static u64 pte_of(unsigned long pfn, bool writable)
{
	return ((u64)pfn << PAGE_SHIFT) | HPTE_PRESENT |
	       (writable ? HPTE_WRITABLE : 0);
}

static void pte_set(struct vm *vm, unsigned long idx, u64 pte)
{
	spin_lock(&vm->host.ptl);
	if (pte & HPTE_PRESENT)
		pfn_to_page(pte >> PAGE_SHIFT)->index = idx;
	__atomic_store_n(&vm->host.pte[idx], pte, __ATOMIC_RELEASE);
	spin_unlock(&vm->host.ptl);
}

static void pte_drop(struct vm *vm, unsigned long idx)
{
	u64 pte = vm->host.pte[idx];

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
	/* Whatever has a reference is not back in the pool. */
	WARN(singles_top != SINGLES, "%lu guest pages still referenced",
	     SINGLES - singles_top);
	for (i = 0; i < BLOCKS; i++)
		WARN(block_refs[i], "block %lu: %u pages still referenced", i,
		     block_refs[i]);
}

/* Without sleeping: only what is there already. Takes a page reference. */
bool host_fast(struct vm *vm, unsigned long idx, bool write, bool *writable,
	       kvm_pfn_t *pfn)
{
	bool ok;
	u64 pte;

	spin_lock(&vm->host.ptl);
	pte = vm->host.pte[idx];
	ok = (pte & HPTE_PRESENT) && (!write || (pte & HPTE_WRITABLE));
	if (ok) {
		*pfn = pte >> PAGE_SHIFT;
		*writable = pte & HPTE_WRITABLE;
		__atomic_add_fetch(&pfn_to_page(*pfn)->refs, 1,
				   __ATOMIC_ACQ_REL);
	}
	spin_unlock(&vm->host.ptl);
	return ok;
}

static void populate(struct vm *vm, unsigned long idx)
{
	unsigned long region = idx / HOST_REGION, first = region * HOST_REGION;
	unsigned long i, pfn;

	for (i = first; i < first + HOST_REGION; i++)
		if (vm->host.pte[i] || vm->host.vma_ro[i])
			break;
	if (i == first + HOST_REGION && task_one_in(2)) {
		pfn = block_new();
		if (pfn) {
			for (i = 0; i < HOST_REGION; i++)
				pte_set(vm, first + i, pte_of(pfn + i, true));
			WRITE_ONCE(vm->host.huge[region], true);
			return;
		}
	}
	pte_set(vm, idx, pte_of(page_new(), !vm->host.vma_ro[idx]));
}

/* 0 and a referenced page, or an errno. */
int host_gup(struct vm *vm, unsigned long idx, bool write, bool *writable,
	     kvm_pfn_t *pfn)
{
	might_sleep();
	if (host_fast(vm, idx, write, writable, pfn))
		return 0;
	mutex_lock(&vm->host.mmap_lock);
	if (!(vm->host.pte[idx] & HPTE_PRESENT))
		populate(vm, idx);
	if (write && vm->host.vma_ro[idx]) {
		mutex_unlock(&vm->host.mmap_lock);
		return -EFAULT;
	}
	if (write && !(vm->host.pte[idx] & HPTE_WRITABLE)) {
		mutex_unlock(&vm->host.mmap_lock);
		host_replace(vm, idx, 1);
		mutex_lock(&vm->host.mmap_lock);
	}
	mutex_unlock(&vm->host.mmap_lock);
	return host_fast(vm, idx, write, writable, pfn) ? 0 : -EAGAIN;
}

/* Clips to a slot and turns host pages into guest frames. */
static bool range_in_slot(struct kvm_memory_slot *slot, unsigned long first,
			  unsigned long nr, struct kvm_gfn_range *r)
{
	unsigned long lo = slot->userspace_addr >> PAGE_SHIFT;
	unsigned long from = max(lo, first);
	unsigned long to = min(lo + slot->npages, first + nr);

	if (from >= to)
		return false;
	*r = (struct kvm_gfn_range){
		.slot = slot, .start = slot->base_gfn + (from - lo),
		.end = slot->base_gfn + (to - lo),
	};
	return true;
}

void host_invalidate_begin(struct vm *vm, unsigned long first,
			   unsigned long nr, bool may_block)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_gfn_range r;
	bool locked = false, flush = false;
	int as, id, idx;

	lockdep_assert_held(&vm->host.mmap_lock);
	spin_lock(&vm->host.mn_lock);
	vm->host.invalidating++;
	spin_unlock(&vm->host.mn_lock);
	idx = srcu_read_lock(&kvm->srcu);
	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(kvm, as);

		for (id = 0; id < VM_SLOTS; id++) {
			if (!slots->slot[id] ||
			    !range_in_slot(slots->slot[id], first, nr, &r))
				continue;
			if (!locked) {
				write_lock(&kvm->mmu_lock);
				kvm_mmu_invalidate_begin(kvm);
				locked = true;
			}
			r.may_block = may_block;
			kvm_mmu_invalidate_range_add(kvm, r.start, r.end);
			flush |= kvm_tdp_mmu_unmap_gfn_range(kvm, &r, false);
		}
	}
	if (flush)
		kvm_flush_remote_tlbs(kvm);
	if (locked)
		write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
	oracle_unmapped(vm, first, nr);
}

static bool any_slot_has(struct vm *vm, unsigned long first, unsigned long nr)
{
	struct kvm_gfn_range r;
	int as, id;

	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(&vm->kvm, as);

		for (id = 0; id < VM_SLOTS; id++)
			if (slots->slot[id] &&
			    range_in_slot(slots->slot[id], first, nr, &r))
				return true;
	}
	return false;
}

void host_invalidate_end(struct vm *vm, unsigned long first, unsigned long nr)
{
	int idx = srcu_read_lock(&vm->kvm.srcu);

	if (any_slot_has(vm, first, nr)) {
		write_lock(&vm->kvm.mmu_lock);
		kvm_mmu_invalidate_end(&vm->kvm);
		write_unlock(&vm->kvm.mmu_lock);
	}
	srcu_read_unlock(&vm->kvm.srcu, idx);
	spin_lock(&vm->host.mn_lock);
	vm->host.invalidating--;
	spin_unlock(&vm->host.mn_lock);
}

/*
 * One change of the host's page table.  A huge mapping that is only partly in
 * the range is split first, under an invalidation of its own, as the host
 * does it.
 */
static void change_begin(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long r, to = first + nr;

	mutex_lock(&vm->host.mmap_lock);
	host_invalidate_begin(vm, first, nr, task_one_in(2));
	for (r = first / HOST_REGION; r * HOST_REGION < to; r++) {
		unsigned long start = r * HOST_REGION;

		if (!vm->host.huge[r])
			continue;
		if (first > start || to < start + HOST_REGION) {
			host_invalidate_begin(vm, start, HOST_REGION, false);
			WRITE_ONCE(vm->host.huge[r], false);
			host_invalidate_end(vm, start, HOST_REGION);
		}
		WRITE_ONCE(vm->host.huge[r], false);
	}
}

static void change_end(struct vm *vm, unsigned long first, unsigned long nr)
{
	oracle_nothing_maps(vm, first, nr);
	host_invalidate_end(vm, first, nr);
	mutex_unlock(&vm->host.mmap_lock);
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
		if (!(vm->host.pte[i] & HPTE_PRESENT))
			continue;
		pte_drop(vm, i);
		pte_set(vm, i, pte_of(page_new(), !vm->host.vma_ro[i]));
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
			vm->host.vma_ro[i] = true;
		if (vm->host.pte[i] & HPTE_PRESENT)
			pte_set(vm, i, vm->host.pte[i] & ~HPTE_WRITABLE);
	}
	change_end(vm, first, nr);
}

void host_unprotect(struct vm *vm, unsigned long first, unsigned long nr)
{
	unsigned long i;

	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++)
		vm->host.vma_ro[i] = false;
	change_end(vm, first, nr);
}

static bool in_block(u64 pte)
{
	return (pte & HPTE_PRESENT) &&
	       (pte >> PAGE_SHIFT) - MEM_GUEST_PFN < SINGLES;
}

static void clean_page(struct vm *vm, unsigned long idx)
{
	u64 pte = vm->host.pte[idx];
	struct page *p;

	if (!(pte & HPTE_PRESENT))
		return;
	p = pfn_to_page(pte >> PAGE_SHIFT);
	__atomic_store_n(&p->clean_at, mark_next(), __ATOMIC_RELEASE);
	__atomic_store_n(&p->wrote, false, __ATOMIC_RELEASE);
}

/*
 * Written back to its store: from here on a write must mark it again.  The
 * pages of a block are one folio and go together.
 */
void host_clean(struct vm *vm, unsigned long first, unsigned long nr)
{
	bool block = in_block(READ_ONCE(vm->host.pte[first]));
	unsigned long i;

	if (block) {
		first -= first % HOST_REGION;
		nr = HOST_REGION;
	}
	change_begin(vm, first, nr);
	for (i = first; i < first + nr; i++)
		if (block == in_block(vm->host.pte[i]))
			clean_page(vm, i);
	change_end(vm, first, nr);
}

void host_make_huge(struct vm *vm, unsigned long region)
{
	unsigned long first = region * HOST_REGION, i, pfn;

	change_begin(vm, first, HOST_REGION);
	for (i = 0; i < HOST_REGION; i++)
		if (vm->host.vma_ro[first + i])
			break;
	pfn = i == HOST_REGION ? block_new() : 0;
	for (i = 0; pfn && i < HOST_REGION; i++) {
		pte_drop(vm, first + i);
		pte_set(vm, first + i, pte_of(pfn + i, true));
	}
	if (pfn)
		WRITE_ONCE(vm->host.huge[region], true);
	change_end(vm, first, HOST_REGION);
}

void host_break_huge(struct vm *vm, unsigned long region)
{
	unsigned long first = region * HOST_REGION;

	change_begin(vm, first, HOST_REGION);
	change_end(vm, first, HOST_REGION);
}

static bool age_slot(struct vm *vm, struct kvm_gfn_range *r, int how)
{
	struct oracle_age a;
	bool young;

	oracle_age_begin(&a, r);
	if (how == 2)
		young = kvm_tdp_mmu_test_age_gfn(&vm->kvm, r);
	else
		young = kvm_tdp_mmu_age_gfn_range(&vm->kvm, r);
	oracle_age_end(&a, how != 2, young);
	return young;
}

/*
 * The stock engine ages under mmu_lock held for write; the own one must not
 * need it.
 */
bool host_age(struct vm *vm, unsigned long first, unsigned long nr, int how)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_gfn_range r;
	bool young = false;
	int as, id, idx;

	idx = srcu_read_lock(&kvm->srcu);
	if (FACE_AGE_LOCKED)
		write_lock(&kvm->mmu_lock);
	for (as = 0; as < KVM_MAX_NR_ADDRESS_SPACES; as++) {
		struct kvm_memslots *slots = __kvm_memslots(kvm, as);

		for (id = 0; id < VM_SLOTS; id++)
			if (slots->slot[id] &&
			    range_in_slot(slots->slot[id], first, nr, &r))
				young |= age_slot(vm, &r, how);
	}
	if (FACE_AGE_LOCKED && how == 1 && young)
		kvm_flush_remote_tlbs(kvm);
	if (FACE_AGE_LOCKED)
		write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
	return young;
}
