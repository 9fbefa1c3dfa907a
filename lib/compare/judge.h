/* SPDX-License-Identifier: GPL-2.0-only */
/* Judge the metrics of a comparison; private to this folder. */
#ifndef MMUBENCH_COMPARE_JUDGE_H
#define MMUBENCH_COMPARE_JUDGE_H

#include "internal.h"

/*
 * Judge all metrics of @c once both sides are complete: set all members that
 * follow from the sides' values, and the counts of @c.  Metrics that only one
 * side has are dropped.  0 or -ENOMEM.
 */
int judge_all(struct comparison *c);

double judge_floor(const struct comparison *c);	/* in percent */
/* Do all rounds of @m agree within each side? */
bool judge_is_constant(const struct metric *m);

#endif
