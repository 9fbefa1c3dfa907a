/* SPDX-License-Identifier: GPL-2.0-only */
/* The mix: which stressors take steps, and how many of all of them. */
#ifndef MMUBENCH_STRESS_MIX_H
#define MMUBENCH_STRESS_MIX_H

#include "stressor/stressor.h"

#define MIX_BYTES 2048u	/* longest text of a mix; chosen */

/*
 * The weight of @ops in @mix: "all", "none", "NAME", "NAME=WEIGHT", "-NAME" and
 * commas.  *@named: was it asked for by name?  -EINVAL with @why if @mix makes no
 * sense.
 */
int mix_weight(const char *mix, const struct stressor_ops *ops, bool *named,
	       struct reason *why);

#endif
