/* SPDX-License-Identifier: GPL-2.0-only */
/* What the front end of the dirty log calls needs of KVM. */
#ifndef MMU_USER_LOGCALLS_H
#define MMU_USER_LOGCALLS_H

#include "shim/hostkvm.h"

struct kvm_dirty_log {
	u32 slot;
	void *dirty_bitmap;
};

struct kvm_clear_dirty_log {
	u32 slot;
	u32 num_pages;
	u64 first_page;
	void *dirty_bitmap;
};

#define KVM_USER_MEM_SLOTS VM_SLOTS
#define IS_ERR(p) ((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p) ((long)(p))
#define ERR_PTR(e) ((void *)(long)(e))
#define kvm_use_dirty_bitmap(k) (!(k)->dirty_ring_size)
#define kvm_second_dirty_bitmap(s) \
	((s)->dirty_bitmap + kvm_dirty_bitmap_bytes(s) / sizeof(long))
#define atomic_long_fetch_andnot(m, v) \
	((unsigned long)atomic64_fetch_andnot((s64)(m), v))
bool kvm_dirty_log_manual_protect_and_init_set(struct kvm *kvm);
struct kvm_memory_slot *id_to_memslot(struct kvm_memslots *slots, int id);
int kvm_arch_sync_dirty_log(struct kvm *kvm, struct kvm_memory_slot *slot);
void kvm_arch_mmu_enable_log_dirty_pt_masked(struct kvm *kvm,
					     struct kvm_memory_slot *slot,
					     gfn_t offset, unsigned long mask);
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);

#endif
