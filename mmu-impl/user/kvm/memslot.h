/* SPDX-License-Identifier: GPL-2.0-only */
/* Memslots; callers do not hold slots_lock. */
#ifndef MMU_USER_MEMSLOT_H
#define MMU_USER_MEMSLOT_H

#include "shim/hostkvm.h"

#define VM_SLOT_PAGES_MAX 1048

struct vm;

/* A memslot, across its reincarnations. */
struct vm_slot_state {
	struct vm *vm;
	int as_id, id;
	gfn_t base_gfn;
	unsigned long npages;
	unsigned long host_first;
	bool readonly;
	bool live; /* accesses are allowed */
	/* 1: is being write-protected for somebody, 2: is */
	unsigned short tracked[VM_SLOT_PAGES_MAX];
	unsigned short tracked_regions[4];
	bool shadow_w[VM_SLOT_PAGES_MAX]; /* shadow paging lets writes pass */
};

void slot_create(struct vm *vm, int as_id, int id);
/* With its log on from the start. */
void slot_create_logged(struct vm *vm, int as_id, int id);
void slot_delete(struct vm *vm, int as_id, int id);
bool slot_set_log(struct vm *vm, int as_id, int id, bool on);
/* Also by a hole in guest_memfd, which holds on to no memslots. */
void slot_unmap(struct vm *vm, struct kvm_memory_slot *slot);
struct vm_slot_state *slot_state_of(struct vm *vm, int as_id, gfn_t gfn);

#endif
