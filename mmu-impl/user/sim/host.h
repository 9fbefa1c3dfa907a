/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the host: one page table, and what the host does with it. Ranges
 * are host page numbers.
 */
#ifndef MMU_USER_HOST_H
#define MMU_USER_HOST_H

#include "shim/hostkvm.h"

#define HOST_PAGES 2560UL
#define HOST_REGION 512UL
#define HOST_REGIONS (HOST_PAGES / HOST_REGION)
#define HPTE_PRESENT BIT_ULL(0)
#define HPTE_WRITABLE BIT_ULL(1)

struct host_mm {
	struct mutex mmap_lock;
	spinlock_t ptl;
	u64 pte[HOST_PAGES];
	bool huge[HOST_REGIONS];
	bool vma_ro[HOST_PAGES];
	spinlock_t mn_lock;
	int invalidating;
};

struct vm;

/* The memory a machine is made of: the machine says which. */
struct host_mm *host_of(struct vm *vm);

void host_init(struct vm *vm);
void host_exit(struct vm *vm);
int host_gup(struct vm *vm, unsigned long idx, bool write, bool *writable,
	     kvm_pfn_t *pfn);
bool host_fast(struct vm *vm, unsigned long idx, bool write, bool *writable,
	       kvm_pfn_t *pfn);
void host_discard(struct vm *vm, unsigned long first, unsigned long nr);
void host_replace(struct vm *vm, unsigned long first, unsigned long nr);
void host_protect(struct vm *vm, unsigned long first, unsigned long nr,
		  bool vma);
void host_unprotect(struct vm *vm, unsigned long first, unsigned long nr);
void host_clean(struct vm *vm, unsigned long first, unsigned long nr);
void host_make_huge(struct vm *vm, unsigned long region);
void host_break_huge(struct vm *vm, unsigned long region);

/* MMU notifiers around each change: whoever maps the memory has them. */
void host_invalidate_begin(struct vm *vm, unsigned long first,
			   unsigned long nr, bool may_block);
void host_invalidate_end(struct vm *vm, unsigned long first, unsigned long nr);

#endif
