/* SPDX-License-Identifier: GPL-2.0-only */
/* System management mode of a rig's guest. Private to this folder. */
#ifndef MMUBENCH_RIG_SMM_H
#define MMUBENCH_RIG_SMM_H

#include "rig/rig.h"

/* Of one vCPU, in the guest's memory. */
struct smm {
	uint64_t stress_gva;	/* what it takes turns of, or 0 */
	volatile uint64_t runs;
};

/* There is a VM: can it have SMM?  0, or a skip with @why. */
int smm_check(struct rig *rig, struct reason *why);
/* After the memslots, before vCPUs. 0, or -errno with @why. */
int smm_open(struct rig *rig, struct reason *why);
/* vCPU @i exists, its page tables begin at @root_gpa. */
void smm_add(struct rig *rig, unsigned int i, uint64_t root_gpa);
void smm_close(struct rig *rig);

#endif
