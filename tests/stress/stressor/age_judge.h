/* SPDX-License-Identifier: GPL-2.0-only */
/* Is what aging says about pages true? */
#ifndef MMUBENCH_STRESS_AGE_JUDGE_H
#define MMUBENCH_STRESS_AGE_JUDGE_H

#include "aging/aging.h"
#include "stressor.h"

/*
 * Guests and agents stand still: let guests alone run for a moment, and alarm
 * the judge "aging" if @a answers wrongly.  0, or -errno with @why.
 */
int age_judge(struct world *w, struct aging *a, struct reason *why);

#endif
