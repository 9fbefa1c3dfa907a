/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the simulated host: page-table pages from an arena whose pages
 * have a struct page, object caches, and what fails on demand.
 *
 * Frame numbers: the arena starts at MEM_TABLE_PFN; guest memory lives at
 * MEM_GUEST_PFN and has struct pages but no content (oracle.c keeps what
 * content means).  Frame 0 is the zero page.
 */
#ifndef MMU_USER_MEM_H
#define MMU_USER_MEM_H

#include "shim/lock.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define MEM_TABLE_PFN 0x100000UL
#define MEM_GUEST_PFN 0x200000UL
#define MEM_GUEST_PAGES 16384UL

#define GFP_KERNEL 0x1u
#define GFP_ACCOUNT 0x2u
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | GFP_ACCOUNT)
#define __GFP_ZERO 0x4u
#define GFP_NOWAIT 0x8u
#define GFP_ATOMIC 0x10u
#define __GFP_ACCOUNT GFP_ACCOUNT
#define __GFP_NOWARN 0u
#define __GFP_NORETRY 0u

struct page {
	unsigned long private;
	int refs;
	bool accessed; /* the MMU handed it over */
	bool wrote; /* the guest wrote since it was last clean */
	u64 dirty_at, clean_at; /* stamps: dirty if the last mark is later */
	bool guest;
	unsigned long index; /* where in host memory it is mapped */
};

struct kmem_cache {
	const char *name;
	size_t size;
	long live;
};

struct mem_stats {
	long tables; /* arena pages in use */
	long objects; /* cache and heap objects in use */
	unsigned long failed;
};

extern struct mem_stats mem_stats;
/* One allocation in this many fails; 0 = none. */
extern unsigned int mem_fail_one_in;

void mem_init(void);
unsigned long __get_free_page(gfp_t gfp);
#define __get_free_pages(gfp, order) \
	({ BUG_ON(order); __get_free_page(gfp); })
#define get_zeroed_page(gfp) __get_free_page((gfp) | __GFP_ZERO)
void free_page(unsigned long addr);
#define free_pages(a, order) free_page(a)
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *c, void *obj);
#define kmem_cache_zalloc(c, gfp) kmem_cache_alloc(c, (gfp) | __GFP_ZERO)
void *kmalloc(size_t n, gfp_t gfp);
void kfree(const void *p);
#define kzalloc(n, gfp) kmalloc(n, (gfp) | __GFP_ZERO)
#define kcalloc(n, s, gfp) kzalloc((n) * (s), gfp)
#define kmalloc_array(n, s, gfp) kmalloc((n) * (s), gfp)
#define kvcalloc(n, s, gfp) kcalloc(n, s, gfp)
#define kvfree(p) kfree(p)

#define __pa(p) mem_pa((const void *)(p))
#define __va(pa) mem_va(pa)
#define virt_to_page(p) pfn_to_page(__pa(p) >> PAGE_SHIFT)
#define page_address(page) __va(page_to_pfn(page) << PAGE_SHIFT)
bool pfn_valid(unsigned long pfn);
#define page_private(p) ((p)->private)
#define set_page_private(p, v) ((void)((p)->private = (v)))
#define is_zero_pfn(pfn) ((pfn) == 0)
#define my_zero_pfn(addr) 0UL
#define PageReserved(p) ((void)(p), false)
#define pfn_to_hpa(pfn) ((u64)(pfn) << PAGE_SHIFT)
#define page_to_phys(p) pfn_to_hpa(page_to_pfn(p))
#define pat_enabled() true
#define pat_pfn_immune_to_uc_mtrr(pfn) ((void)(pfn), false)
#define e820__mapped_raw_any(a, b, t) (true)

extern struct page table_pages[MEM_PAGES], guest_pages[MEM_GUEST_PAGES];
extern struct page zero_page;
void mem_wrong(const char *what, unsigned long value)
	__attribute__((__noreturn__, __cold__));

static inline bool mem_is_table(unsigned long pfn)
{
	return pfn - MEM_TABLE_PFN < MEM_PAGES;
}

static inline bool mem_is_guest(unsigned long pfn)
{
	return pfn - MEM_GUEST_PFN < MEM_GUEST_PAGES;
}

static inline unsigned long mem_pa(const volatile void *p)
{
	unsigned long off = (unsigned long)((const char *)p - mem_arena);

	if (off >= MEM_PAGES * PAGE_SIZE)
		mem_wrong("not the address of a page table", (unsigned long)p);
	return (MEM_TABLE_PFN << PAGE_SHIFT) + off;
}

static inline void *mem_va(unsigned long pa)
{
	unsigned long off = pa - (MEM_TABLE_PFN << PAGE_SHIFT);

	if (off >= MEM_PAGES * PAGE_SIZE)
		mem_wrong("not a page table's frame", pa >> PAGE_SHIFT);
	return mem_arena + off;
}

static inline struct page *pfn_to_page(unsigned long pfn)
{
	if (mem_is_guest(pfn))
		return &guest_pages[pfn - MEM_GUEST_PFN];
	if (mem_is_table(pfn))
		return &table_pages[pfn - MEM_TABLE_PFN];
	if (pfn)
		mem_wrong("frame without a struct page", pfn);
	return &zero_page;
}

static inline unsigned long page_to_pfn(const struct page *page)
{
	if (page >= guest_pages && page < guest_pages + MEM_GUEST_PAGES)
		return MEM_GUEST_PFN + (unsigned long)(page - guest_pages);
	return MEM_TABLE_PFN + (unsigned long)(page - table_pages);
}

/* Page-table page in use?  The hardware walker asks before every step. */
bool mem_table_alive(unsigned long pfn);

#endif
