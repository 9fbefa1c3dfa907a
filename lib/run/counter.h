/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU that does not leave its guest: it counts in one word of one page until
 * it is told to stop, in a loop without an exit.  Only an IPI can make it forget
 * what its TLB holds, so it finds flushes that are missing.
 *
 * Controller thread.  vCPU 0 counts; no other job may run meanwhile.
 */
#ifndef MMUBENCH_RUN_COUNTER_H
#define MMUBENCH_RUN_COUNTER_H

#include <stdint.h>

#include "base/reason.h"
#include "run/run.h"

struct counter {
	struct run *run;
	struct rig *rig;
	uint32_t unit;
	volatile uint64_t *word;	/* where the rig's mapping has it */
};

/*
 * Let it count in @unit of vCPU 0's memory, and wait until it does.  End with
 * run_stop().  0, or -errno with @why.
 */
int counter_start(struct counter *c, struct run *run, struct rig *rig,
		  uint32_t unit, struct reason *why);
/*
 * Wait until it has counted from now on at least once, whatever it was doing
 * when this was called.  -ETIMEDOUT: it stands still, after the run's time
 * limit or @limit_ns, if that is not 0.
 */
int counter_wait(const struct counter *c, uint64_t limit_ns,
		 struct reason *why);

#endif
