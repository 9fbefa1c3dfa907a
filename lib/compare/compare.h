/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compare two runs, metric by metric, and judge each difference.
 *
 * Deterministic places (clock "virtual") are compared exactly.  Counts must be
 * equal.  Times may differ by time_tolerance, and a difference below the floor
 * is not reported.  If a metric varies among the rounds of a side (they may
 * have been made to differ in something that should not matter), it has
 * changed when the sides lie further apart than the wider side is wide.
 *
 * Elsewhere a verdict on times needs at least COMPARE_MIN_ROUNDS independent
 * rounds a side.  The more metrics are compared, the more rounds it takes: ten
 * for a full run.  With fewer, the change is shown as undecided.
 */
#ifndef MMUBENCH_COMPARE_H
#define MMUBENCH_COMPARE_H

#include <stdio.h>

#include "base/reason.h"

/* With fewer than six rounds a side, no two-sided test can reach a useful level. */
#define COMPARE_MIN_ROUNDS 6

/* COMPARE_CASES: "place case" for each case in which some metric differs. */
enum compare_format { COMPARE_TEXT, COMPARE_JSON, COMPARE_CASES };

struct compare_options {
	double alpha;		/* after Holm's correction; 0 = 0.01 */
	double floor_pct;	/* smaller changes are ignored; 0 = 3 */
	double time_tolerance;	/* relative, virtual clocks; < 0 = exact,
				 * 0 = 0.001 (exact for Bochs) */
	enum compare_format format;
	const char *name_a, *name_b;	/* headings, NULL = "A", "B" */
};

/*
 * Compare the runs in directories @a (before) and @b (after).  Repeats of a
 * case, that is several records of the same place and case, are its rounds.
 * Returns 0 if nothing got worse, 1 if something did, or -errno with @why:
 * nothing to compare, or damaged records.
 */
int compare_runs(const char *a, const char *b,
		 const struct compare_options *opts, FILE *out,
		 struct reason *why);

#endif
