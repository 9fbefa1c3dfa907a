// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's pages: who holds them, and the marks they carry.
 *
 * Question: is a page touched, or marked, after it was given back, and is it
 * dirty when the guest has written it?
 * Method: reference counts; two pools, of single pages and of aligned blocks
 * that can be mapped huge; a clock tells whether a page was marked dirty after
 * it was written back.  A mark on a page without references is a complaint.
 * Cannot tell: NUMA, reclaim, anything about content.
 */
#include "sim/host.h"
#include "sim/pages.h"
#include "sim/witness.h"

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

unsigned long page_new(void)
{
	u32 i;

	pool_take();
	WARN(!singles_top, "out of guest pages");
	i = singles[--singles_top];
	pool_drop();
	page_born(MEM_GUEST_PFN + SINGLES + i);
	return MEM_GUEST_PFN + SINGLES + i;
}

unsigned long block_new(void)
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

void page_put(unsigned long pfn)
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

void pages_init(void)
{
	static bool once;
	u32 i;

	for (i = 0; !once && i < SINGLES; i++)
		singles[singles_top++] = i;
	once = true;
}

/* Whatever has a reference is not back in its pool. */
void pages_check_all_back(void)
{
	unsigned long i;

	WARN(singles_top != SINGLES, "%lu guest pages still referenced",
	     SINGLES - singles_top);
	for (i = 0; i < BLOCKS; i++)
		WARN(block_refs[i], "block %lu: %u pages still referenced", i,
		     block_refs[i]);
}

bool page_is_of_block(unsigned long pfn)
{
	return pfn - MEM_GUEST_PFN < SINGLES;
}

/* Written back: what the guest wrote so far is safe. */
void page_clean(unsigned long pfn)
{
	struct page *p = pfn_to_page(pfn);

	__atomic_store_n(&p->clean_at, mark_next(), __ATOMIC_RELEASE);
	__atomic_store_n(&p->wrote, false, __ATOMIC_RELEASE);
}
