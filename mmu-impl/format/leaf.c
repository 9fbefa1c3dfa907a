// SPDX-License-Identifier: GPL-2.0-only
/*
 * What value does a leaf get?
 *
 * Builders for each state of spte.h. They combine the masks the vendor module
 * set with what the fault path found out, and decide nothing about when a
 * value may be stored: that is base/change.c.
 *
 * A builder cannot tell whether the host page it maps is still there; the
 * caller checks the invalidation sequence under mmu_lock.
 */
#include "internal.h"
#include "format/leaf.h"
#include "format/spte.h"

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

/* Everything but the write side: where to, how cached, read and execute. */
static u64 leaf_base(const struct spte_leaf *want, unsigned int access)
{
	bool device = false;
	u64 spte;

	spte = SPTE_PRESENT | shadow_present_mask | want->ad_kind;
	spte |= (u64)want->pfn << PAGE_SHIFT;
	spte |= (access & SPTE_ACC_EXEC) ? shadow_x_mask : shadow_nx_mask;
	if (access & SPTE_ACC_USER)
		spte |= shadow_user_mask;
	if (want->level > PG_LEVEL_4K)
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

/* The Dirty bit a new writable leaf starts with; an old one is not lost. */
static u64 leaf_first_dirty(const struct spte_leaf *want, u64 spte)
{
	const bool had_leaf = spte_is_leaf(want->old, want->level);
	const u64 d_bit = spte_d_bit(spte);

	if ((had_leaf && spte_is_writable(want->old)) ||
	    (want->how & SPTE_FOR_CLEAN))
		return had_leaf ? want->old & d_bit : 0;
	return d_bit;
}

u64 mmub_leaf_build(const struct spte_leaf *want)
{
	struct rsvd_bits_validate *zero = &want->vcpu->arch.mmu->shadow_zero_check;
	const bool prefetch = want->how & SPTE_FOR_PREFETCH;
	unsigned int access = want->access;
	u64 spte;

	/* iTLB multihit: no executable huge pages while the guard is on. */
	if (want->level > PG_LEVEL_4K &&
	    is_nx_huge_page_enabled(want->vcpu->kvm))
		access &= ~SPTE_ACC_EXEC;

	spte = leaf_base(want, access);
	if (!prefetch)
		spte |= spte_a_bit(spte);

	if (want->how & SPTE_FOR_HOST_WRITE) {
		spte |= shadow_host_writable_mask;
		if ((access & SPTE_ACC_WRITE) &&
		    !(want->how & SPTE_FOR_SHADOWED))
			spte |= shadow_mmu_writable_mask | SPTE_WRITE;
	}
	if (spte_is_writable(spte)) {
		spte |= leaf_first_dirty(want, spte);
		if (want->how & SPTE_FOR_LOG)
			spte &= ~(SPTE_WRITE | spte_d_bit(spte));
	}

	if (prefetch)
		spte = mmub_spte_make_old(spte);

	WARN_ONCE(is_rsvd_spte(zero, spte, want->level),
		  "SPTE %llx sets bits reserved at level %d\n", spte,
		  want->level);
	return spte;
}

/* Swap "no execute" for "execute", also while the leaf is tracked. */
static u64 spte_allow_exec(u64 spte)
{
	const bool tracked = spte_is_tracked(spte);

	if (tracked)
		spte = mmub_spte_untrack(spte);
	spte = (spte & ~shadow_nx_mask) | shadow_x_mask;
	return tracked ? mmub_spte_make_old(spte) : spte;
}

static u64 spte_deny_exec(u64 spte)
{
	const bool tracked = spte_is_tracked(spte);

	if (tracked)
		spte = mmub_spte_untrack(spte);
	spte = (spte & ~shadow_x_mask) | shadow_nx_mask;
	return tracked ? mmub_spte_make_old(spte) : spte;
}

u64 mmub_leaf_split(struct kvm *kvm, u64 huge, union kvm_mmu_page_role role,
		    int index)
{
	u64 child = huge;

	child += (index * spte_level_pages(role.level)) << PAGE_SHIFT;
	if (role.level > PG_LEVEL_4K)
		return child;

	child &= ~SPTE_HUGE;
	if ((role.access & SPTE_ACC_EXEC) && is_nx_huge_page_enabled(kvm))
		child = spte_allow_exec(child);
	return child;
}

u64 mmub_leaf_huge(struct kvm *kvm, u64 child, int level)
{
	u64 inside = (spte_level_pages(level) - 1) << PAGE_SHIFT;
	u64 huge = (child & ~inside) | SPTE_HUGE;

	return is_nx_huge_page_enabled(kvm) ? spte_deny_exec(huge) : huge;
}
