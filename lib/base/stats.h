/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics that comparing runs needs: medians with confidence intervals,
 * Mann-Whitney's U test, Holm's correction.  No sample is ever discarded.
 */
#ifndef MMUBENCH_STATS_H
#define MMUBENCH_STATS_H

#include <stddef.h>

/* Sort @v ascending in place. */
void stats_sort(double *v, size_t n);

/* Median of sorted @v; NaN if @n is 0. */
double stats_median(const double *v, size_t n);

/*
 * The narrowest interval of order statistics of sorted @v, symmetric in rank,
 * that covers the median with at least @confidence; the whole range if @n is
 * too small for that.  Returns the actual coverage.
 */
double stats_median_ci(const double *v, size_t n, double confidence,
		       double *low, double *high);

/*
 * Two-sided p of Mann-Whitney's U for samples @a and @b, in any order.  Exact,
 * ties included, for up to STATS_EXACT_MAX samples in all; above that the
 * normal approximation, corrected for ties and continuity.  1 if a side is
 * empty.
 */
#define STATS_EXACT_MAX 60
double stats_mann_whitney(const double *a, size_t na, const double *b,
			  size_t nb);

/*
 * The smallest p that samples of these sizes can give: one side lies wholly
 * above the other and there are no ties.  1 if a side is empty.
 */
double stats_least_p(size_t na, size_t nb);

/* Adjust the @n p-values of a family in place (Holm); their order is kept. */
void stats_holm(double *p, size_t n);

#endif
