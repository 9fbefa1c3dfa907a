/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bit of an SPTE means what? The bits that CPUs ignore are assigned here.
 * How a CPU spells the others is in masks.h.
 */
#ifndef MMU_BITS_H
#define MMU_BITS_H

#include "internal.h"

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

#endif /* MMU_BITS_H */
