/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the machine tells its judge, as it happens. The judge is above the
 * machine (judge/): only its ears are here.
 */
#ifndef MMU_USER_WITNESS_H
#define MMU_USER_WITNESS_H

#include "sim/hw.h"

struct vm;
struct vm_slot_state;

/* A machine begins: nothing is known of it. */
void oracle_begin(void);

/* The hardware cached a translation (A is set, if the format has it). */
void oracle_fill(struct kvm_vcpu *vcpu, gfn_t gfn, const struct hw_tlb *t);
/* The guest touches frame @pfn, believing it is @gfn. */
void oracle_access(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned long pfn,
		   enum hw_kind kind, int level);
/* A fault or a prefault asks for @gfn: it may become young. */
void oracle_touch(struct vm *vm, int as_id, gfn_t gfn, bool whole_region);

/* Aging: bracket a call; @young is what it said. */
struct oracle_age {
	struct vm_slot_state *st;
	unsigned long rel, nr;
	u64 stamp;
	u64 expect; /* bit per page, up to 64 pages */
	bool old; /* nobody had touched the range when the call began */
};

void oracle_age_begin(struct oracle_age *a, struct kvm_gfn_range *r);
void oracle_age_end(struct oracle_age *a, bool clears, bool young);
/* Zap told the host that the page was accessed. */
void oracle_accessed(unsigned long pfn);
/*
 * Huge entries are being rebuilt, young where any of their pages was. Until it
 * ends a bit may be under way from a table to a huge leaf.
 */
void oracle_merge_begin(struct vm_slot_state *st);
void oracle_merge_end(struct vm_slot_state *st);

/* The guest wrote to @gfn by another way than oracle_access(). */
void oracle_wrote(struct vm_slot_state *st, gfn_t gfn);

/* Dirty log of one slot as the user of the ioctl sees it. */
void oracle_log_on(struct vm_slot_state *st);
void oracle_log_off(struct vm_slot_state *st);
void oracle_log_before_get(struct vm_slot_state *st);
void oracle_log_got(struct vm_slot_state *st, const unsigned long *bitmap,
		    bool rearmed);
void oracle_log_cleared(struct vm_slot_state *st, unsigned long first,
			unsigned long mask);

/* The host takes back what lies in [first, first + nr) of its memory. */
void oracle_unmapped(struct vm *vm, unsigned long first, unsigned long nr);

/* While an invalidation is under way no root may map its range. */
void oracle_nothing_maps(struct vm *vm, unsigned long first, unsigned long nr);

/* The VM is gone: nothing may be left. */
void oracle_gone(void);

/* What to show of the way here if a rule breaks. */
void oracle_note(const char *fmt, ...)
	__attribute__((__format__(printf, 1, 2)));

#endif
