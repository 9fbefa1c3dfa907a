/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The difference between two runs, metric by metric, with a verdict.
 *
 * Deterministic places (clock "virtual") are compared exactly: counts must be
 * equal, times may differ by time_tolerance, and by the floor before that is
 * news.  A metric that is no constant among the rounds of a side, as when those
 * were made to differ in what should not matter, has changed when the sides
 * lie further apart than either is wide.  Elsewhere a verdict on times
 * needs at least COMPARE_MIN_ROUNDS independent rounds a side, and the more
 * metrics are compared, the more of them: ten for a whole run; below that the
 * change is shown and called undecided.
 */
#ifndef MMUBENCH_COMPARE_H
#define MMUBENCH_COMPARE_H

#include <stdio.h>

#include "base/reason.h"

/* Below six rounds a side no two-sided test reaches a useful level at all. */
#define COMPARE_MIN_ROUNDS 6

/* COMPARE_CASES: "place case" of each case with a metric that is not the same */
enum compare_format { COMPARE_TEXT, COMPARE_JSON, COMPARE_CASES };

struct compare_options {
	double alpha;		/* after Holm's correction; 0 = 0.01 */
	double floor_pct;	/* smaller changes are no news; 0 = 3 */
	double time_tolerance;	/* relative, virtual clocks; < 0 = exact,
				 * 0 = 0.001 (exact for Bochs) */
	enum compare_format format;
	const char *name_a, *name_b;	/* headings, NULL = "A", "B" */
};

/*
 * Compare the runs in directories @a (before) and @b (after).  Repeats of a
 * case (several records of the same place and case) are its rounds.
 * Returns 0 when nothing got worse, 1 when something did, or -errno with
 * @why: nothing to compare, damaged records.
 */
int compare_runs(const char *a, const char *b,
		 const struct compare_options *opts, FILE *out,
		 struct reason *why);

#endif
