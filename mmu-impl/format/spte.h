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
 * "Present" is a software bit: a TRACKED leaf is present for the MMU although no
 * hardware present bit is set, and an MMIO entry is not although some may be. A
 * missing W may be undone without mmu_lock only if the log or tracking took it;
 * MMU-writable says so.
 *
 * The functions of format/ are pure: they take values, not places in a table,
 * look at nothing but the masks and the VM, and change nothing.
 */
#ifndef MMU_SPTE_H
#define MMU_SPTE_H

#include "internal.h"
#include "format/bits.h"
#include "format/masks.h"

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

/* The functions below need a present SPTE. */

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

/* Are W, MMU-writable and host-writable as in one row of the table? */
static inline bool spte_write_bits_valid(u64 spte)
{
	if (spte_is_mmu_writable(spte))
		return spte & shadow_host_writable_mask;
	return !spte_is_writable(spte);
}

/* The value without "young"; a leaf without A/D bits loses W, too. */
u64 mmub_spte_make_old(u64 spte);

/* The access a tracked leaf had, without W. */
u64 mmub_spte_untrack(u64 spte);

/* Can somebody without mmu_lock, or the CPU, change this present leaf? */
bool mmub_spte_is_volatile(u64 spte);

/* The entry that points to @table; the CPU keeps no A in it if @ad_off. */
u64 mmub_spte_table(u64 *table, bool ad_off);

#endif /* MMU_SPTE_H */
