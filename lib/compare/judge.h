/* SPDX-License-Identifier: GPL-2.0-only */
/* Judging the metrics of a comparison; private to this folder. */
#ifndef MMUBENCH_COMPARE_JUDGE_H
#define MMUBENCH_COMPARE_JUDGE_H

#include "internal.h"

/*
 * Judge all metrics of @c, when both sides are complete: sets their members
 * from the sides' medians on, and the counts of @c.  Drops those that only
 * one side has.  0 or -ENOMEM.
 */
int judge_all(struct comparison *c);

double judge_floor(const struct comparison *c);	/* in percent */
/* Do all rounds of @m agree within each side? */
bool judge_is_constant(const struct metric *m);

#endif
