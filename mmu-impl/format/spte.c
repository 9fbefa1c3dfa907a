// SPDX-License-Identifier: GPL-2.0-only
/*
 * What value does an SPTE get?
 *
 * Builders for each state of spte.h. They combine the masks the vendor module
 * set with what the fault path found out, and decide nothing about when a
 * value may be stored: that is change.c.
 *
 * A builder cannot tell whether the host page it maps is still there; the
 * caller checks the invalidation sequence under mmu_lock.
 */
#include "internal.h"
#include "format/spte.h"

u64 spte_make_old(u64 spte)
{
	u64 saved;

	if (spte_has_ad(spte))
		return spte & ~shadow_accessed_mask;
	if (spte_is_tracked(spte))
		return spte;

	KVM_MMU_WARN_ON(!spte_write_bits_valid(spte));
	KVM_MMU_WARN_ON(spte & SPTE_SAVED_BITS);

	saved = spte & SPTE_SAVED_RX;
	if (DEFECT(DEFECT_TRACK_LOSES_X))
		saved &= VMX_EPT_READABLE_MASK;
	if (DEFECT(DEFECT_AGE_KEEPS_W))
		return (spte & ~(shadow_acc_track_mask & ~SPTE_WRITE)) |
		       (saved << SPTE_SAVED_SHIFT);
	return (spte & ~shadow_acc_track_mask) | (saved << SPTE_SAVED_SHIFT);
}

u64 spte_untrack(u64 spte)
{
	u64 saved = (spte & SPTE_SAVED_BITS) >> SPTE_SAVED_SHIFT;

	return (spte & ~(shadow_acc_track_mask | SPTE_SAVED_BITS)) | saved;
}

/*
 * Three parties change leaves without mmu_lock: the CPU sets A and D, the
 * fast fault path sets W or undoes tracking, and aging and the log take A, W
 * or D away. A cleared by aging is the one change that may be overwritten:
 * the page merely looks young once more. Without A/D bits aging also takes W,
 * so such a leaf is always volatile.
 */
bool spte_is_volatile(u64 spte)
{
	if (!spte_has_ad(spte))
		return true;
	if (!spte_is_writable(spte))
		return spte_is_mmu_writable(spte) ||
		       !(spte & shadow_accessed_mask);
	/* Writable: D may come from the CPU, and W or D be taken by the log. */
	return true;
}

/* Does the host treat this page as device memory? */
static bool pfn_is_device(kvm_pfn_t pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return !e820__mapped_raw_any(pfn_to_hpa(pfn),
					     pfn_to_hpa(pfn + 1) - 1,
					     E820_TYPE_RAM);

	page = pfn_to_page(pfn);
	if (is_zero_pfn(pfn) || !PageReserved(page))
		return false;

	/* Reserved pages of NVDIMMs are cacheable; ask the host's memtypes. */
	return !pat_enabled() || pat_pfn_immune_to_uc_mtrr(pfn);
}

static u64 leaf_ad_kind(struct kvm_mmu_page *sp)
{
	if (!spte_table_has_ad(sp))
		return SPTE_AD_NONE;
	if (kvm_mmu_page_ad_need_write_protect(sp))
		return SPTE_AD_NO_LOG;
	return SPTE_AD_HARDWARE;
}

/* Everything but the write side: where to, how cached, read and execute. */
static u64 leaf_base(const struct spte_leaf *want, unsigned int access)
{
	const int level = want->sp->role.level;
	bool device = false;
	u64 spte;

	spte = SPTE_PRESENT | shadow_present_mask | leaf_ad_kind(want->sp);
	spte |= (u64)want->pfn << PAGE_SHIFT;
	spte |= (access & SPTE_ACC_EXEC) ? shadow_x_mask : shadow_nx_mask;
	if (access & SPTE_ACC_USER)
		spte |= shadow_user_mask;
	if (level > PG_LEVEL_4K)
		spte |= SPTE_HUGE;

	if (shadow_memtype_mask || shadow_me_value)
		device = pfn_is_device(want->pfn);
	if (shadow_memtype_mask)
		spte |= kvm_x86_call(get_mt_mask)(want->vcpu, want->gfn,
						  device);
	if (!device)
		spte |= shadow_me_value;
	return spte;
}

/*
 * May the gfn become writable? Shadow pages of it must be unsync first, unless
 * the entry was writable before: then they are already.
 */
static bool leaf_may_write(const struct spte_leaf *want)
{
	if (spte_is_leaf(want->old, want->sp->role.level) &&
	    spte_is_writable(want->old))
		return true;

	return !mmu_try_to_unsync_pages(want->vcpu->kvm, want->slot, want->gfn,
					want->how & SPTE_FOR_UNSYNC,
					want->how & SPTE_FOR_PREFETCH);
}

/* The Dirty bit a new writable leaf starts with; an old one is not lost. */
static u64 leaf_first_dirty(const struct spte_leaf *want, u64 spte)
{
	const bool had_leaf = spte_is_leaf(want->old, want->sp->role.level);
	const u64 d_bit = spte_d_bit(spte);

	if ((had_leaf && spte_is_writable(want->old)) ||
	    (want->how & SPTE_FOR_CLEAN))
		return had_leaf ? want->old & d_bit : 0;
	return d_bit;
}

bool spte_build_leaf(const struct spte_leaf *want, u64 *out)
{
	struct rsvd_bits_validate *zero = &want->vcpu->arch.mmu->shadow_zero_check;
	const int level = want->sp->role.level;
	const bool prefetch = want->how & SPTE_FOR_PREFETCH;
	unsigned int access = want->access;
	bool protected = false;
	u64 spte;

	/* iTLB multihit: no executable huge pages while the guard is on. */
	if (level > PG_LEVEL_4K && is_nx_huge_page_enabled(want->vcpu->kvm))
		access &= ~SPTE_ACC_EXEC;

	spte = leaf_base(want, access);
	if (!prefetch || DEFECT(DEFECT_PREFETCH_YOUNG))
		spte |= spte_a_bit(spte);

	if (want->how & SPTE_FOR_HOST_WRITE) {
		spte |= shadow_host_writable_mask;
		if (access & SPTE_ACC_WRITE) {
			protected = !leaf_may_write(want);
			if (!protected)
				spte |= shadow_mmu_writable_mask | SPTE_WRITE;
		}
	}
	if (spte_is_writable(spte)) {
		spte |= leaf_first_dirty(want, spte);
		if (want->how & SPTE_FOR_LOG)
			spte &= ~(SPTE_WRITE | spte_d_bit(spte));
	}

	if (prefetch && !DEFECT(DEFECT_PREFETCH_YOUNG))
		spte = spte_make_old(spte);

	WARN_ONCE(is_rsvd_spte(zero, spte, level),
		  "SPTE %llx sets bits reserved at level %d\n", spte, level);
	*out = spte;
	return protected;
}

/* Swap "no execute" for "execute", also while the leaf is tracked. */
static u64 spte_allow_exec(u64 spte)
{
	const bool tracked = spte_is_tracked(spte);

	if (tracked)
		spte = spte_untrack(spte);
	spte = (spte & ~shadow_nx_mask) | shadow_x_mask;
	return tracked ? spte_make_old(spte) : spte;
}

static u64 spte_deny_exec(u64 spte)
{
	const bool tracked = spte_is_tracked(spte);

	if (tracked)
		spte = spte_untrack(spte);
	spte = (spte & ~shadow_x_mask) | shadow_nx_mask;
	return tracked ? spte_make_old(spte) : spte;
}

u64 spte_build_split(struct kvm *kvm, u64 huge, union kvm_mmu_page_role role,
		     int index)
{
	u64 child = huge;

	child += (index * spte_level_pages(role.level)) << PAGE_SHIFT;
	if (DEFECT(DEFECT_SPLIT_LOSES_DIRTY))
		child &= ~spte_d_bit(child);
	if (role.level > PG_LEVEL_4K)
		return child;

	child &= ~SPTE_HUGE;
	if ((role.access & SPTE_ACC_EXEC) && is_nx_huge_page_enabled(kvm))
		child = spte_allow_exec(child);
	return child;
}

u64 spte_build_huge(struct kvm *kvm, u64 child, int level)
{
	u64 inside = (spte_level_pages(level) - 1) << PAGE_SHIFT;
	u64 huge = (child & ~inside) | SPTE_HUGE;

	return is_nx_huge_page_enabled(kvm) ? spte_deny_exec(huge) : huge;
}

u64 spte_build_table(u64 *table, bool ad_off)
{
	u64 spte = SPTE_PRESENT | shadow_present_mask | SPTE_WRITE |
		   shadow_user_mask | shadow_x_mask | shadow_me_value;

	spte |= ad_off ? SPTE_AD_NONE : shadow_accessed_mask;
	return spte | __pa(table);
}

u64 spte_build_mmio(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned int access)
{
	const u64 guard = shadow_nonpresent_or_rsvd_mask;
	const u64 gpa = gfn << PAGE_SHIFT;
	u64 gen = READ_ONCE(kvm_vcpu_memslots(vcpu)->generation);
	u64 spte;

	WARN_ON_ONCE(!vcpu->kvm->arch.shadow_mmio_value);

	gen &= SPTE_GEN_MASK;
	spte = (gen << __ffs64(SPTE_GEN_LOW)) & SPTE_GEN_LOW;
	spte |= (gen >> SPTE_GEN_LOW_BITS) << __ffs64(SPTE_GEN_HIGH);
	spte |= vcpu->kvm->arch.shadow_mmio_value;
	spte |= access & shadow_mmio_access_mask;
	/* Address bits the L1TF guard covers move up by its length. */
	return spte | gpa | guard | ((gpa & guard) << SPTE_L1TF_BITS);
}
