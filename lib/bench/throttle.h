/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the CPU been slowed down because it was too hot?
 *
 * Source: the thermal_throttle counters of Intel's CPUs below
 * /sys/devices/system/cpu (root as in host.h).  AMD's have none, nor have
 * virtual machines: there the answer is no, which proves nothing.
 */
#ifndef MMUBENCH_THROTTLE_H
#define MMUBENCH_THROTTLE_H

#include <stdint.h>

#include "record/rec.h"

/* How often the cores and packages were, since boot; 0 where nobody counts. */
uint64_t throttle_count(void);

/* Mark @r INVALID if the count has grown from @before. */
void throttle_judge(struct rec *r, uint64_t before);

#endif
