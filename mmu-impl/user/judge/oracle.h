/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold of every guest access, every call, and every quiet moment.
 * Any breach ends the run: complain() names the rule, the seed replays it.
 */
#ifndef MMU_USER_ORACLE_H
#define MMU_USER_ORACLE_H

#include "sim/hw.h"

struct vm;
struct vm_slot_state;

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
/* Nothing runs: old answers that raced with a zap must be explained now. */
void oracle_age_settle(struct vm_slot_state *st);
/* Zap told the host that the page was accessed. */
void oracle_accessed(unsigned long pfn);
/* Huge entries may have been rebuilt: young where any of their pages was. */
void oracle_may_merge(struct vm *vm, struct vm_slot_state *st);

/* Dirty log of one slot as the user of the ioctl sees it. */
void oracle_log_on(struct vm_slot_state *st);
void oracle_log_before_get(struct vm_slot_state *st);
void oracle_log_got(struct vm_slot_state *st, const unsigned long *bitmap,
		    bool rearmed);
void oracle_log_cleared(struct vm_slot_state *st, unsigned long first,
			unsigned long mask);

/* The host takes back what lies in [first, first + nr) of its memory. */
void oracle_unmapped(struct vm *vm, unsigned long first, unsigned long nr);

/* While an invalidation is under way no root may map its range. */
void oracle_nothing_maps(struct vm *vm, unsigned long first, unsigned long nr);

/* Nothing runs: tables, counters and flags must be exact. */
void oracle_quiet(struct vm *vm);
/* The VM is gone: nothing may be left. */
void oracle_gone(void);

extern const char *oracle_phase;
extern u64 oracle_seed;
extern u64 oracle_checks;
void oracle_note(const char *fmt, ...)
	__attribute__((__format__(printf, 1, 2)));
/* Prints the last notes with every complaint. */
extern bool oracle_verbose;

#endif
