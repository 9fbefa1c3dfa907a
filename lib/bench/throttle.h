/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Was the CPU slowed down because it was too hot?
 *
 * The answer comes from the thermal_throttle counters of Intel CPUs, below
 * /sys/devices/system/cpu (root as in host.h).  AMD CPUs and virtual machines
 * have none; there the answer is no, which proves nothing.
 */
#ifndef MMUBENCH_THROTTLE_H
#define MMUBENCH_THROTTLE_H

#include <stdint.h>

#include "record/rec.h"

/* Throttling events of cores and packages since boot; 0 if none are counted. */
uint64_t throttle_count(void);

/* Mark @r INVALID if the count has grown since it was @before. */
void throttle_judge(struct rec *r, uint64_t before);

#endif
