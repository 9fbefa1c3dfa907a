/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format of an SPTE, and the states it can be in.
 *
 *   state     present  W  MMU-W host-W  A/D      meaning
 *   EMPTY        -     -    -     -      -       nothing mapped
 *   FROZEN       -     -    -     -      -       being worked on; hands off
 *   MMIO         -     -    -     -      -       emulate; carries a generation
 *   TABLE        x     x    -     -    A only    points to the next level
 *   LEAF         x     1    1     1    A, D      writable
 *                x     0    1     1    A, D      write-protected for the log
 *                x     0    0     1    A, D      shadowed guest page table
 *                x     0    0     0    A, D      read-only for the host too
 *   TRACKED      x     0    *     *    old       a leaf, made inaccessible to
 *                                                see the next access; R and X
 *                                                wait in the saved bits
 *
 * "Present" is a software bit: a TRACKED leaf is present for the MMU although
 * no hardware present bit is set, an MMIO entry is not although some may be.
 * Only the first and the last cause of missing W (log, tracking) may be undone
 * without mmu_lock, and MMU-writable is the bit that says so.
 *
 * All functions here are pure: they take a value, not a place in a table.
 */
#ifndef MMU_SPTE_H
#define MMU_SPTE_H

#include "internal.h"
#include "base/defect.h"
#include "format/masks.h"

/* Software present: ignored by the hardware in every format and low. */
#define SPTE_PRESENT BIT_ULL(11)

#define SPTE_WRITE PT_WRITABLE_MASK
#define SPTE_HUGE PT_PAGE_SIZE_MASK

/* How A and D are kept, two bits; zero must be "by hardware" for NPT/PAE. */
#define SPTE_AD_SHIFT 52
#define SPTE_AD_KIND (3ULL << SPTE_AD_SHIFT)
#define SPTE_AD_HARDWARE (0ULL << SPTE_AD_SHIFT)
#define SPTE_AD_NONE (1ULL << SPTE_AD_SHIFT)
#define SPTE_AD_NO_LOG (2ULL << SPTE_AD_SHIFT) /* A, D, but log by W */

/* EPT R and X wait here while a leaf is tracked; W has to be earned again. */
#define SPTE_SAVED_RX (VMX_EPT_READABLE_MASK | VMX_EPT_EXECUTABLE_MASK)
#define SPTE_SAVED_SHIFT 54
#define SPTE_SAVED_BITS (SPTE_SAVED_RX << SPTE_SAVED_SHIFT)
static_assert(!(SPTE_SAVED_BITS & SPTE_AD_KIND));

/* NPT and shadow paging ignore bits 9 and 10; EPT needs those, so go high. */
#define SPTE_HOST_W_LOW BIT_ULL(9)
#define SPTE_MMU_W_LOW BIT_ULL(10)
#define SPTE_HOST_W_EPT BIT_ULL(57)
#define SPTE_MMU_W_EPT BIT_ULL(58)
static_assert(!((SPTE_HOST_W_EPT | SPTE_MMU_W_EPT) &
		(SPTE_AD_KIND | SPTE_SAVED_BITS)));

/* Bit 63 keeps an EPT violation from becoming #VE in the guest. */
#define SPTE_EMPTY BIT_ULL(63)
/* No R, W, X, no address bits (L1TF), and not present. */
#define SPTE_FROZEN (SPTE_EMPTY | 0x5a0ULL)
static_assert(!((SPTE_EMPTY | SPTE_FROZEN) & SPTE_PRESENT));

/* MMIO: 19 bits of memslot generation in bits 3-10 and 52-62. */
#define SPTE_GEN_LOW GENMASK_ULL(10, 3)
#define SPTE_GEN_HIGH GENMASK_ULL(62, 52)
#define SPTE_GEN_LOW_BITS 8
#define SPTE_GEN_BITS 19
#define SPTE_GEN_MASK GENMASK_ULL(SPTE_GEN_BITS - 1, 0)
/* What may tell MMIO entries apart: R, W, X, address bits and bit 63. */
#define SPTE_MMIO_MAGIC (BIT_ULL(63) | GENMASK_ULL(51, 12) | GENMASK_ULL(2, 0))
static_assert(!(SPTE_MMIO_MAGIC & (SPTE_GEN_LOW | SPTE_GEN_HIGH)));
static_assert(!(SPTE_PRESENT &
		(SPTE_MMIO_MAGIC | SPTE_GEN_LOW | SPTE_GEN_HIGH)));

/* L1TF: this many address bits are inverted away from real memory. */
#define SPTE_L1TF_BITS 5

#ifdef CONFIG_DYNAMIC_PHYSICAL_MASK
#define SPTE_ADDRESS (physical_mask & PAGE_MASK)
#else
#define SPTE_ADDRESS GENMASK_ULL(51, PAGE_SHIFT)
#endif

#define SPTE_ENTRIES_LG2 9
#define SPTE_ENTRIES (1 << SPTE_ENTRIES_LG2)

/* Access of a leaf, in the units of the fault path. */
#define SPTE_ACC_EXEC 1u
#define SPTE_ACC_WRITE ((unsigned int)PT_WRITABLE_MASK)
#define SPTE_ACC_USER ((unsigned int)PT_USER_MASK)
#define SPTE_ACC_ALL (SPTE_ACC_EXEC | SPTE_ACC_WRITE | SPTE_ACC_USER)

/* Pages one entry of @level maps. */
static inline u64 spte_level_pages(int level)
{
	return 1ULL << ((level - 1) * SPTE_ENTRIES_LG2);
}

static inline unsigned int spte_slot_of(gfn_t gfn, int level)
{
	return (gfn >> ((level - 1) * SPTE_ENTRIES_LG2)) & (SPTE_ENTRIES - 1);
}

static inline gfn_t spte_base_gfn(gfn_t gfn, int level)
{
	return gfn & ~(spte_level_pages(level) - 1);
}

static inline bool spte_is_present(u64 spte)
{
	return spte & SPTE_PRESENT;
}

static inline bool spte_is_frozen(u64 spte)
{
	return spte == SPTE_FROZEN;
}

static inline bool spte_is_leaf(u64 spte, int level)
{
	return spte_is_present(spte) &&
	       (level == PG_LEVEL_4K || (spte & SPTE_HUGE));
}

static inline bool spte_is_table(u64 spte, int level)
{
	return spte_is_present(spte) && level > PG_LEVEL_4K &&
	       !(spte & SPTE_HUGE);
}

static inline bool spte_is_mmio(struct kvm *kvm, u64 spte)
{
	return (spte & shadow_mmio_mask) == kvm->arch.shadow_mmio_value &&
	       likely(enable_mmio_caching);
}

static inline kvm_pfn_t spte_pfn(u64 spte)
{
	return (spte & SPTE_ADDRESS) >> PAGE_SHIFT;
}

static inline bool spte_is_writable(u64 spte)
{
	return spte & SPTE_WRITE;
}

static inline bool spte_is_mmu_writable(u64 spte)
{
	return spte & shadow_mmu_writable_mask;
}

/* The functions below want a present SPTE. */

static inline bool spte_has_ad(u64 spte)
{
	return (spte & SPTE_AD_KIND) != SPTE_AD_NONE;
}

/* Dirty is kept by hardware, and the log may be fed from it. */
static inline bool spte_logs_by_d(u64 spte)
{
	return (spte & SPTE_AD_KIND) == SPTE_AD_HARDWARE && shadow_dirty_mask;
}

static inline bool spte_is_tracked(u64 spte)
{
	return !spte_has_ad(spte) && !(spte & shadow_acc_track_mask);
}

static inline u64 spte_a_bit(u64 spte)
{
	return spte_has_ad(spte) ? shadow_accessed_mask : 0;
}

static inline u64 spte_d_bit(u64 spte)
{
	return spte_has_ad(spte) ? shadow_dirty_mask : 0;
}

static inline bool spte_is_young(u64 spte)
{
	u64 a_bit = spte_a_bit(spte);

	return a_bit ? spte & a_bit : !spte_is_tracked(spte);
}

/* Without a Dirty bit whatever is writable counts as dirty. */
static inline bool spte_is_dirty(u64 spte)
{
	u64 d_bit = spte_d_bit(spte);

	return spte & (d_bit ? d_bit : SPTE_WRITE);
}

/* W, MMU-writable and host-writable come only in the rows of the table. */
static inline bool spte_write_bits_valid(u64 spte)
{
	if (spte_is_mmu_writable(spte))
		return spte & shadow_host_writable_mask;
	return !spte_is_writable(spte);
}

/* Forget "young"; W of a leaf without A/D bits goes with it. */
u64 spte_make_old(u64 spte);

/* The access a tracked leaf had, without W. */
u64 spte_untrack(u64 spte);

/* Can somebody without mmu_lock, or the CPU, change this present leaf? */
bool spte_is_volatile(u64 spte);

/*
 * Does the CPU keep A and D in leaves of this table? A nested guest that has no
 * EPT of its own runs on a direct root too, but KVM switches EPT's A and D off
 * for it: what the outer guest did not ask for is not given. NPT has no switch.
 */
static inline bool spte_table_has_ad(const struct kvm_mmu_page *sp)
{
	if (sp->role.ad_disabled)
		return false;
	return !shadow_acc_track_mask || !sp->tdp_mmu_page ||
	       !sp->role.guest_mode || DEFECT(DEFECT_NESTED_TRUSTS_AD);
}

enum {
	SPTE_FOR_PREFETCH = BIT(0),	/* nobody has accessed it yet */
	SPTE_FOR_HOST_WRITE = BIT(1),	/* the host maps it writable */
	SPTE_FOR_UNSYNC = BIT(2),	/* shadow pages may become unsync */
	SPTE_FOR_CLEAN = BIT(3),	/* let the CPU set D at the first write */
	SPTE_FOR_LOG = BIT(4),		/* write-protect for the log */
};

struct spte_leaf {
	struct kvm_vcpu *vcpu;
	struct kvm_mmu_page *sp;	/* the table it goes into */
	const struct kvm_memory_slot *slot;
	gfn_t gfn;
	kvm_pfn_t pfn;
	u64 old;			/* what is there now */
	unsigned int access;		/* SPTE_ACC_* */
	unsigned int how;		/* SPTE_FOR_* */
};

/*
 * Build a leaf. mmu_lock held in either mode. Returns true if write access
 * was asked for but the gfn must stay write-protected. Never touches the log.
 */
bool spte_build_leaf(const struct spte_leaf *want, u64 *spte);

/* The entry @index of the table that replaces the leaf @huge of level + 1. */
u64 spte_build_split(struct kvm *kvm, u64 huge, union kvm_mmu_page_role role,
		     int index);

/* The leaf of @level that covers what the small leaf @child is a part of. */
u64 spte_build_huge(struct kvm *kvm, u64 child, int level);

u64 spte_build_table(u64 *table, bool ad_off);

u64 spte_build_mmio(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned int access);

#endif /* MMU_SPTE_H */
