// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the simulated host.
 *
 * Question: is every table and object freed once, after its last use, and
 * does the code survive an allocation that fails?
 * Method: table pages come from an arena with a life flag per page, checked
 * at each marked access and by the hardware walker; freed pages are filled
 * with poison (and poisoned for ASan).  Counters say what is in use.
 * Cannot tell: fragmentation, NUMA, memory pressure.
 */
#include <sys/mman.h>
#include "shim/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

#define POISON_BYTE 0x6b

struct mem_stats mem_stats;
unsigned int mem_fail_one_in;
char *mem_arena;
u8 *mem_alive;

struct page table_pages[MEM_PAGES];
struct page guest_pages[MEM_GUEST_PAGES];
struct page zero_page;
static u32 free_stack[MEM_PAGES];
static u32 free_top;
static int arena_lock;

void mem_init(void)
{
	u32 i;

	if (mem_arena)
		return;
	mem_arena = mmap(NULL, MEM_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mem_alive = calloc(MEM_PAGES, 1);
	if (mem_arena == MAP_FAILED || !mem_alive)
		abort();
	POISON(mem_arena, MEM_PAGES * PAGE_SIZE);
	for (i = 0; i < MEM_PAGES; i++)
		free_stack[free_top++] = (u32)MEM_PAGES - 1 - i;
	for (i = 0; i < MEM_GUEST_PAGES; i++)
		guest_pages[i].guest = true;
}

void mem_dead(const volatile void *p)
{
	complain(__FILE__, __LINE__, "access to freed page table %lx",
		 mem_pa(p) >> PAGE_SHIFT);
}

static void arena_lock_take(void)
{
	while (__atomic_exchange_n(&arena_lock, 1, __ATOMIC_ACQUIRE))
		task_relax("arena");
}

static void arena_lock_drop(void)
{
	__atomic_store_n(&arena_lock, 0, __ATOMIC_RELEASE);
}

static bool should_fail(gfp_t gfp)
{
	if (gfp & GFP_KERNEL)
		might_sleep();
	if (!mem_fail_one_in || !task_one_in(mem_fail_one_in))
		return false;
	__atomic_add_fetch(&mem_stats.failed, 1, __ATOMIC_RELAXED);
	return true;
}

unsigned long __get_free_page(gfp_t gfp)
{
	char *p;
	u32 i;

	if (should_fail(gfp))
		return 0;
	arena_lock_take();
	if (!free_top)
		complain(__FILE__, __LINE__, "out of page tables: a leak?");
	i = free_stack[--free_top];
	arena_lock_drop();
	p = mem_arena + (unsigned long)i * PAGE_SIZE;
	UNPOISON(p, PAGE_SIZE);
	memset(p, gfp & __GFP_ZERO ? 0 : POISON_BYTE, PAGE_SIZE);
	table_pages[i].private = 0;
	__atomic_store_n(&mem_alive[i], 1, __ATOMIC_RELEASE);
	__atomic_add_fetch(&mem_stats.tables, 1, __ATOMIC_RELAXED);
	return (unsigned long)p;
}

void free_page(unsigned long addr)
{
	unsigned long i;

	if (!addr)
		return;
	i = (addr - (unsigned long)mem_arena) >> PAGE_SHIFT;
	BUG_ON(i >= MEM_PAGES || addr & ~PAGE_MASK);
	if (!__atomic_exchange_n(&mem_alive[i], 0, __ATOMIC_ACQ_REL))
		complain(__FILE__, __LINE__, "page table %lx freed twice", i);
	memset((void *)addr, POISON_BYTE, PAGE_SIZE);
	POISON((void *)addr, PAGE_SIZE);
	table_pages[i].private = ~0UL;
	__atomic_sub_fetch(&mem_stats.tables, 1, __ATOMIC_RELAXED);
	arena_lock_take();
	free_stack[free_top++] = (u32)i;
	arena_lock_drop();
}

bool mem_table_alive(unsigned long pfn)
{
	return mem_is_table(pfn) &&
	       __atomic_load_n(&mem_alive[pfn - MEM_TABLE_PFN],
			       __ATOMIC_ACQUIRE);
}

void *kmalloc(size_t n, gfp_t gfp)
{
	void *p;

	if (should_fail(gfp))
		return NULL;
	p = malloc(n ? n : 1);
	if (!p)
		abort();
	memset(p, gfp & __GFP_ZERO ? 0 : POISON_BYTE, n);
	__atomic_add_fetch(&mem_stats.objects, 1, __ATOMIC_RELAXED);
	return p;
}

void kfree(const void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&mem_stats.objects, 1, __ATOMIC_RELAXED);
	free((void *)p);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p = kmalloc(c->size, gfp);

	if (p)
		__atomic_add_fetch(&c->live, 1, __ATOMIC_RELAXED);
	return p;
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	__atomic_sub_fetch(&c->live, 1, __ATOMIC_RELAXED);
	memset(obj, POISON_BYTE, c->size);
	kfree(obj);
}

void mem_wrong(const char *what, unsigned long value)
{
	complain(__FILE__, __LINE__, "%s: %lx", what, value);
}

bool pfn_valid(unsigned long pfn)
{
	return mem_is_table(pfn) || mem_is_guest(pfn);
}
