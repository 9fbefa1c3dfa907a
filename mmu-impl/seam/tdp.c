// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which engine function stands behind which name of the stock seam?
 *
 * One line each: the names and signatures are dictated by the half of the MMU
 * that is still stock, the work is elsewhere. Lock rules are those of the
 * function called.
 */
#include "internal.h"
#include "direct/age.h"
#include "direct/map.h"
#include "direct/recover.h"
#include "direct/roots.h"
#include "direct/split.h"
#include "direct/zap.h"
#include "format/masks.h"
#include "log/arm.h"

void kvm_mmu_init_tdp_mmu(struct kvm *kvm)
{
	mmub_roots_init(kvm);
}

void kvm_mmu_uninit_tdp_mmu(struct kvm *kvm)
{
	mmub_zap_uninit(kvm);
}

int kvm_tdp_mmu_alloc_root(struct kvm_vcpu *vcpu)
{
	return mmub_roots_load(vcpu);
}

void kvm_tdp_mmu_put_root(struct kvm *kvm, struct kvm_mmu_page *root)
{
	mmub_roots_put(kvm, root);
}

void kvm_tdp_mmu_invalidate_all_roots(struct kvm *kvm)
{
	mmub_roots_invalidate(kvm);
}

void kvm_tdp_mmu_zap_invalidated_roots(struct kvm *kvm)
{
	mmub_zap_invalid_roots(kvm);
}

bool kvm_tdp_mmu_zap_leafs(struct kvm *kvm, gfn_t start, gfn_t end, bool flush)
{
	return mmub_zap_valid(kvm, start, end, flush);
}

bool kvm_tdp_mmu_zap_sp(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	return mmub_zap_table(kvm, sp);
}

void kvm_tdp_mmu_zap_all(struct kvm *kvm)
{
	mmub_zap_all(kvm);
}

int kvm_tdp_mmu_map(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault)
{
	return mmub_map_fault(vcpu, fault);
}

bool kvm_tdp_mmu_unmap_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range,
				 bool flush)
{
	return mmub_zap_unmap(kvm, range, flush);
}

bool kvm_tdp_mmu_age_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range)
{
	return mmub_age_range(kvm, range);
}

bool kvm_tdp_mmu_test_age_gfn(struct kvm *kvm, struct kvm_gfn_range *range)
{
	return mmub_age_test(kvm, range);
}

bool kvm_tdp_mmu_wrprot_slot(struct kvm *kvm,
			     const struct kvm_memory_slot *slot, int min_level)
{
	return mmub_arm_slot(kvm, slot, min_level);
}

bool kvm_tdp_mmu_clear_dirty_slot(struct kvm *kvm,
				  const struct kvm_memory_slot *slot)
{
	return mmub_arm_clean_slot(kvm, slot);
}

void kvm_tdp_mmu_clear_dirty_pt_masked(struct kvm *kvm,
				       struct kvm_memory_slot *slot, gfn_t gfn,
				       unsigned long mask, bool wrprot)
{
	mmub_arm_mask(kvm, slot, gfn, mask, wrprot);
}

bool kvm_tdp_mmu_write_protect_gfn(struct kvm *kvm,
				   struct kvm_memory_slot *slot, gfn_t gfn,
				   int min_level)
{
	return mmub_arm_protect(kvm, slot, gfn, min_level);
}

void kvm_tdp_mmu_try_split_huge_pages(struct kvm *kvm,
				      const struct kvm_memory_slot *slot,
				      gfn_t start, gfn_t end, int target_level,
				      bool shared)
{
	mmub_split_range(kvm, slot, start, end, target_level, shared);
}

void kvm_tdp_mmu_zap_collapsible_sptes(struct kvm *kvm,
				       const struct kvm_memory_slot *slot)
{
	mmub_recover_slot(kvm, slot);
}

int kvm_tdp_mmu_get_walk(struct kvm_vcpu *vcpu, u64 addr, u64 *sptes,
			 int *root_level)
{
	*root_level = vcpu->arch.mmu->root_role.level;
	return mmub_map_walk(vcpu, addr >> PAGE_SHIFT, sptes);
}

u64 *kvm_tdp_mmu_fast_pf_get_last_sptep(struct kvm_vcpu *vcpu, gfn_t gfn,
					u64 *spte)
{
	return mmub_map_find_last(vcpu, gfn, spte);
}
