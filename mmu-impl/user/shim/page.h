/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page header and the fault descriptor that mmu.c and a direct engine
 * share, for the user-space build of our engine.  The stock sources
 * bring their own.
 */
#ifndef MMU_USER_PAGE_H
#define MMU_USER_PAGE_H

#include "shim/hostkvm.h"

#define KVM_MMU_WARN_ON WARN_ON_ONCE
#define ACC_EXEC_MASK 1
#define ACC_WRITE_MASK PT_WRITABLE_MASK
#define ACC_USER_MASK PT_USER_MASK
#define ACC_ALL (ACC_USER_MASK | ACC_WRITE_MASK | ACC_EXEC_MASK)

typedef u64 __rcu *tdp_ptep_t;

struct kvm_mmu_page {
	struct list_head link;
	bool tdp_mmu_page;
	bool tdp_mmu_scheduled_root_to_zap;
	bool nx_huge_page_disallowed;
	union kvm_mmu_page_role role;
	gfn_t gfn;
	u64 *spt;
	refcount_t tdp_mmu_root_count;
	tdp_ptep_t ptep;
	DECLARE_BITMAP(unsync_child_bitmap, 512);
	struct list_head possible_nx_huge_page_link;
	atomic_t write_flooding_count;
	struct rcu_head rcu_head;
};

extern struct kmem_cache *mmu_page_header_cache;

struct kvm_page_fault {
	const gpa_t addr;
	const u64 error_code;
	const bool prefetch;
	const bool exec;
	const bool write;
	const bool present;
	const bool rsvd;
	const bool user;
	const bool is_tdp;
	const bool is_private;
	const bool nx_huge_page_workaround_enabled;
	bool huge_page_disallowed;
	u8 max_level;
	u8 req_level;
	u8 goal_level;
	gfn_t gfn;
	struct kvm_memory_slot *slot;
	unsigned long mmu_seq;
	kvm_pfn_t pfn;
	hva_t hva;
	bool map_writable;
	bool write_fault_to_shadow_pgtable;
};

enum {
	RET_PF_CONTINUE, RET_PF_RETRY, RET_PF_EMULATE, RET_PF_WRITE_PROTECTED,
	RET_PF_INVALID, RET_PF_FIXED, RET_PF_SPURIOUS,
};

extern int nx_huge_pages;

static inline bool is_nx_huge_page_enabled(struct kvm *kvm)
{
	int wanted = READ_ONCE(nx_huge_pages);

	return wanted != 0 && !kvm->arch.disable_nx_huge_pages;
}

static inline int kvm_mmu_role_as_id(union kvm_mmu_page_role role)
{
	return role.smm != 0;
}

static inline int kvm_mmu_page_as_id(struct kvm_mmu_page *sp)
{
	union kvm_mmu_page_role its = sp->role;

	return kvm_mmu_role_as_id(its);
}

static inline bool kvm_mmu_page_ad_need_write_protect(struct kvm_mmu_page *sp)
{
	return sp->role.guest_mode && kvm_cpu_dirty_log_size() > 0;
}

static inline gfn_t gfn_round_for_level(gfn_t gfn, int level)
{
	return gfn & ~(gfn_t)(KVM_PAGES_PER_HPAGE(level) - 1);
}

static inline void kvm_flush_remote_tlbs_gfn(struct kvm *kvm, gfn_t gfn,
					     int level)
{
	u64 nr = KVM_PAGES_PER_HPAGE(level);

	kvm_flush_remote_tlbs_range(kvm, gfn & ~(nr - 1), nr);
}

int mmu_try_to_unsync_pages(struct kvm *kvm, const struct kvm_memory_slot *slot,
			    gfn_t gfn, bool can_unsync, bool prefetch);
int kvm_mmu_max_mapping_level(struct kvm *kvm,
			      const struct kvm_memory_slot *slot, gfn_t gfn,
			      int max_level);
void kvm_mmu_hugepage_adjust(struct kvm_vcpu *vcpu,
			     struct kvm_page_fault *fault);
void disallowed_hugepage_adjust(struct kvm_page_fault *fault, u64 spte,
				int cur_level);
void track_possible_nx_huge_page(struct kvm *kvm, struct kvm_mmu_page *sp);
void untrack_possible_nx_huge_page(struct kvm *kvm, struct kvm_mmu_page *sp);

#endif
