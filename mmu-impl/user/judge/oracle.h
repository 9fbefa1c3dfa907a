/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold of every guest access, every call, and every quiet moment.
 * Any breach ends the run: complain() names the rule, the seed replays it.
 */
#ifndef MMU_USER_ORACLE_H
#define MMU_USER_ORACLE_H

#include "kvm/vm.h"
#include "sim/witness.h"

/* Nothing runs: tables, counters and flags must be exact. */
void oracle_quiet(struct vm *vm);
/* Nothing runs: old answers that raced with a zap must be explained now. */
void oracle_age_settle(struct vm_slot_state *st);
/* The content of a page of the slot that the user of the log has. */
u32 oracle_copied(const struct vm_slot_state *st, unsigned long rel);

extern const char *oracle_phase;
extern u64 oracle_seed;
extern u64 oracle_checks;
/* Prints the last notes with every complaint. */
extern bool oracle_verbose;

#endif
