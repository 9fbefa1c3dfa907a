/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor's side: two formats of second-level page tables, a TLB and
 * paging-structure caches per vCPU.  Knows nothing of the engine's software
 * bits.
 */
#ifndef MMU_USER_HW_H
#define MMU_USER_HW_H

#include "shim/hostkvm.h"

enum hw_mode { HW_NPT, HW_EPT_AD, HW_EPT_NOAD, HW_MODES };
enum hw_kind { HW_READ, HW_WRITE, HW_EXEC, HW_PEEK };

#define HW_TLB_4K 32
#define HW_TLB_HUGE 8
#define HW_PSC 4
#define HW_PML_ENTRIES 8

struct hw_entry {
	u64 raw;
	bool present, large, rsvd;
	bool r, w, x, a, d;
	unsigned long pfn;
};

struct hw_tlb {
	bool valid;
	u8 level;
	gfn_t base_gfn;
	unsigned long pfn;
	bool r, w, x, d;
};

/* Remembers where the table of a level is: saves the steps above it. */
struct hw_psc {
	bool valid;
	gfn_t base_gfn;
	unsigned long pfn;
};

struct hw_cpu {
	hpa_t root;
	int root_level;
	bool ad; /* sets A and D with this root */
	bool pml;
	struct hw_tlb tlb[HW_TLB_4K + HW_TLB_HUGE];
	struct hw_psc psc[PT64_ROOT_4LEVEL][HW_PSC]; /* by level of the table */
	gfn_t pml_buf[HW_PML_ENTRIES];
	int pml_nr;
	/* statistics for the reports */
	u64 accesses, fills, faults, hits;
};

struct hw_fault {
	gfn_t gfn;
	u64 error_code;
};

extern enum hw_mode hw_mode;
/* Enabled before the VM is made; the mode's masks must match. */
static inline bool hw_has_ad(void)
{
	return hw_mode != HW_EPT_NOAD;
}

struct hw_entry hw_decode(u64 spte, int level);
void hw_flush(struct hw_cpu *cpu);
void hw_load_root(struct hw_cpu *cpu, hpa_t root, int level, bool ad);
/*
 * One guest instruction that touches @gfn.  0 done, 1 fault, 2 the log
 * buffer is full: leave the guest and try again.
 */
int hw_access(struct kvm_vcpu *vcpu, gfn_t gfn, enum hw_kind kind,
	      struct hw_fault *fault);

#endif
