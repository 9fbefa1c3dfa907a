// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does this CPU spell SPTE properties?
 *
 * The masks are set while a vendor module loads and tell NPT, EPT and shadow
 * paging apart for everybody.
 */
#include "internal.h"
#include "format/bits.h"
#include "format/masks.h"

u64 __read_mostly shadow_host_writable_mask;
u64 __read_mostly shadow_mmu_writable_mask;
u64 __read_mostly shadow_nx_mask;
u64 __read_mostly shadow_x_mask;
u64 __read_mostly shadow_user_mask;
u64 __read_mostly shadow_accessed_mask;
u64 __read_mostly shadow_dirty_mask;
u64 __read_mostly shadow_mmio_value;
u64 __read_mostly shadow_mmio_mask;
u64 __read_mostly shadow_mmio_access_mask;
u64 __read_mostly shadow_present_mask;
u64 __read_mostly shadow_memtype_mask;
u64 __read_mostly shadow_me_value;
u64 __read_mostly shadow_me_mask;
u64 __read_mostly shadow_acc_track_mask;
u64 __read_mostly shadow_nonpresent_or_rsvd_mask;
u64 __read_mostly shadow_nonpresent_or_rsvd_lower_gfn_mask;

/* What is in force now, and what the user asked for at load time. */
bool __read_mostly enable_mmio_caching = true;
module_param_named(mmio_caching, enable_mmio_caching, bool, 0444);
EXPORT_SYMBOL_GPL(enable_mmio_caching);
static bool mmio_caching_wanted __ro_after_init;

void __init mmub_masks_init(void)
{
	mmio_caching_wanted = enable_mmio_caching;

	/*
	 * CPUID, not the kernel's idea: with memory encryption the kernel takes
	 * key bits off, which are not reserved for the MMU.
	 */
	if (boot_cpu_data.extended_cpuid_level < 0x80000008)
		kvm_host.maxphyaddr = boot_cpu_data.x86_phys_bits;
	else
		kvm_host.maxphyaddr = cpuid_eax(0x80000008) & 0xff;
}

/* Can MMIO entries be told apart from every other kind of entry? */
static bool mmio_value_usable(u64 value, u64 mask)
{
	if (WARN_ON(mask & ~SPTE_MMIO_MAGIC) || WARN_ON(value & ~mask))
		return false;
	/* L1TF moves gfn bits up to here. */
	if (WARN_ON(value & (shadow_nonpresent_or_rsvd_mask << SPTE_L1TF_BITS)))
		return false;
	return !WARN_ON(value && (SPTE_FROZEN & mask) == value);
}

void mmub_masks_set_mmio(u64 mmio_value, u64 mmio_mask, u64 access_mask)
{
	BUG_ON(access_mask >> 32);
	WARN_ON(mmio_value & shadow_nonpresent_or_rsvd_lower_gfn_mask);

	if (!mmio_caching_wanted || !mmio_value_usable(mmio_value, mmio_mask))
		mmio_value = 0;

	/* The parameter shows what is in force; asked again at each load. */
	enable_mmio_caching = !!mmio_value;
	shadow_mmio_access_mask = access_mask;
	shadow_mmio_value = mmio_value;
	shadow_mmio_mask = mmio_mask;
}

void mmub_masks_set_me(u64 me_value, u64 me_mask)
{
	const bool sane = !WARN_ON(me_value & ~me_mask);

	shadow_me_mask = sane ? me_mask : 0;
	shadow_me_value = sane ? me_value : 0;
}

void mmub_masks_set_ept(bool has_ad_bits, bool has_exec_only)
{
	/* #VE must not reach a guest that never asked for it. */
	shadow_present_mask = VMX_EPT_SUPPRESS_VE_BIT;
	if (!has_exec_only)
		shadow_present_mask |= VMX_EPT_READABLE_MASK;

	/* "User" is how readable is spelled where execute-only exists. */
	shadow_user_mask = VMX_EPT_READABLE_MASK;
	shadow_x_mask = VMX_EPT_EXECUTABLE_MASK;
	shadow_nx_mask = 0;
	shadow_accessed_mask = has_ad_bits ? VMX_EPT_ACCESS_BIT : 0;
	shadow_dirty_mask = has_ad_bits ? VMX_EPT_DIRTY_BIT : 0;
	shadow_acc_track_mask = VMX_EPT_RWX_MASK;
	/* EPT carries the memory type itself. */
	shadow_memtype_mask = VMX_EPT_MT_MASK | VMX_EPT_IPAT_BIT;
	shadow_host_writable_mask = SPTE_HOST_W_EPT;
	shadow_mmu_writable_mask = SPTE_MMU_W_EPT;

	/* Write and execute without read is a misconfiguration: use it. */
	mmub_masks_set_mmio(VMX_EPT_MISCONFIG_WX_VALUE,
				   VMX_EPT_RWX_MASK | VMX_EPT_SUPPRESS_VE_BIT,
				   0);
}

/*
 * L1TF: a CPU may look an address up in L1 although the entry is not present.
 * Keep the top bits its cache uses set in such entries, so that no line of real
 * memory matches. CPUs that cache more bits than that are not affected.
 */
static void reset_l1tf_masks(void)
{
	const u8 cache_bits = boot_cpu_data.x86_cache_bits;
	u8 low_bits = boot_cpu_data.x86_phys_bits;

	shadow_nonpresent_or_rsvd_mask = 0;
	if (boot_cpu_has_bug(X86_BUG_L1TF) &&
	    !WARN_ON_ONCE(cache_bits >= 52 - SPTE_L1TF_BITS)) {
		low_bits = cache_bits - SPTE_L1TF_BITS;
		shadow_nonpresent_or_rsvd_mask = rsvd_bits(low_bits,
							   cache_bits - 1);
	}
	shadow_nonpresent_or_rsvd_lower_gfn_mask =
		GENMASK_ULL(low_bits - 1, PAGE_SHIFT);
}

/* Back to ordinary page-table format: NPT and shadow paging. */
void mmub_masks_reset(void)
{
	u64 mmio = 0;

	reset_l1tf_masks();

	shadow_present_mask = PT_PRESENT_MASK;
	shadow_user_mask = PT_USER_MASK;
	shadow_x_mask = 0;
	shadow_nx_mask = PT64_NX_MASK;
	shadow_accessed_mask = PT_ACCESSED_MASK;
	shadow_dirty_mask = PT_DIRTY_MASK;
	shadow_acc_track_mask = 0;
	/* The host's MTRRs rule; PAT entry 0 of the SPTE is write-back. */
	shadow_memtype_mask = 0;
	shadow_me_value = 0;
	shadow_me_mask = 0;
	shadow_host_writable_mask = SPTE_HOST_W_LOW;
	shadow_mmu_writable_mask = SPTE_MMU_W_LOW;

	/* A reserved address bit makes MMIO fault; 52-bit CPUs have none. */
	if (kvm_host.maxphyaddr < 52)
		mmio = BIT_ULL(51) | PT_PRESENT_MASK;
	mmub_masks_set_mmio(mmio, mmio, SPTE_ACC_WRITE | SPTE_ACC_USER);
}
