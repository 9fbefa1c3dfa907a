/* SPDX-License-Identifier: GPL-2.0-only */
/* The seam's functions, as mmu.c sees them; dictated names. */
#ifndef MMU_USER_SEAMDECL_H
#define MMU_USER_SEAMDECL_H

#include "shim/page.h"

typedef struct kvm vm_t;
typedef struct kvm_vcpu vc_t;
typedef struct kvm_memory_slot slot_t;
typedef struct kvm_gfn_range range_t;
typedef struct kvm_mmu_page page_t;

void kvm_mmu_init_tdp_mmu(vm_t *kvm);
void kvm_mmu_uninit_tdp_mmu(vm_t *kvm);
int kvm_tdp_mmu_alloc_root(vc_t *vcpu);
void kvm_tdp_mmu_put_root(vm_t *kvm, page_t *root);
void kvm_tdp_mmu_zap_all(vm_t *kvm);
void kvm_tdp_mmu_invalidate_all_roots(vm_t *kvm);
void kvm_tdp_mmu_zap_invalidated_roots(vm_t *kvm);
bool kvm_tdp_mmu_zap_leafs(vm_t *kvm, gfn_t from, gfn_t to, bool flush);
bool kvm_tdp_mmu_zap_sp(vm_t *kvm, page_t *sp);
int kvm_tdp_mmu_map(vc_t *vcpu, struct kvm_page_fault *fault);
bool kvm_tdp_mmu_unmap_gfn_range(vm_t *kvm, range_t *range, bool flush);
bool kvm_tdp_mmu_age_gfn_range(vm_t *kvm, range_t *range);
bool kvm_tdp_mmu_test_age_gfn(vm_t *kvm, range_t *range);
bool kvm_tdp_mmu_wrprot_slot(vm_t *kvm, const slot_t *slot, int min_level);
bool kvm_tdp_mmu_clear_dirty_slot(vm_t *kvm, const slot_t *slot);
void kvm_tdp_mmu_clear_dirty_pt_masked(vm_t *kvm, slot_t *slot, gfn_t gfn,
				       unsigned long mask, bool wrprot);
void kvm_tdp_mmu_zap_collapsible_sptes(vm_t *kvm, const slot_t *slot);
bool kvm_tdp_mmu_write_protect_gfn(vm_t *kvm, slot_t *slot, gfn_t gfn,
				   int min_level);
void kvm_tdp_mmu_try_split_huge_pages(vm_t *kvm, const slot_t *slot,
				      gfn_t from, gfn_t to, int target_level,
				      bool shared);
int kvm_tdp_mmu_get_walk(vc_t *vcpu, u64 addr, u64 *sptes, int *root_level);
u64 *kvm_tdp_mmu_fast_pf_get_last_sptep(vc_t *vcpu, gfn_t gfn, u64 *spte);

static inline bool kvm_tdp_mmu_get_root(page_t *root)
{
	return refcount_inc_not_zero(&root->tdp_mmu_root_count);
}

static inline bool is_tdp_mmu_page(page_t *sp)
{
	return sp->tdp_mmu_page;
}

static inline void kvm_tdp_mmu_walk_lockless_begin(void)
{
	rcu_read_lock();
}

static inline void kvm_tdp_mmu_walk_lockless_end(void)
{
	rcu_read_unlock();
}

void kvm_mmu_spte_module_init(void);
void kvm_mmu_reset_all_pte_masks(void);

bool make_spte(vc_t *vcpu, page_t *sp, const slot_t *slot, unsigned int access,
	       gfn_t gfn, kvm_pfn_t pfn, u64 old, bool prefetch,
	       bool can_unsync, bool host_writable, u64 *out);
u64 make_huge_page_split_spte(vm_t *kvm, u64 huge,
			      union kvm_mmu_page_role role, int index);
u64 make_nonleaf_spte(u64 *table, bool ad_disabled);
u64 make_mmio_spte(vc_t *vcpu, u64 gfn, unsigned int access);
u64 mark_spte_for_access_track(u64 spte);

extern u64 shadow_host_writable_mask, shadow_mmu_writable_mask;
extern u64 shadow_nx_mask, shadow_x_mask, shadow_user_mask;
extern u64 shadow_accessed_mask, shadow_dirty_mask, shadow_present_mask;
extern u64 shadow_mmio_value, shadow_mmio_mask, shadow_mmio_access_mask;
extern u64 shadow_memtype_mask, shadow_acc_track_mask;


static inline bool kvm_ad_enabled(void)
{
	return shadow_accessed_mask;
}

/* The model fills shadow_zero_check; see vm.c. */
static inline bool is_rsvd_spte(struct rsvd_bits_validate *check, u64 spte,
				int level)
{
	return check->bad_mt_xwr & BIT_ULL(spte & 0x3f) ||
	       (spte & check->rsvd_bits_mask[spte >> 7 & 1][level - 1]);
}

#endif
