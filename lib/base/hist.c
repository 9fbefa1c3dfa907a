// SPDX-License-Identifier: GPL-2.0-only
/*
 * Log-linear histogram: the parts that only the host needs.
 *
 * Answers "how are these samples distributed" with a relative error of at
 * most 0.8 % per quantile.  It cannot tell the order of the samples.
 */
#include <math.h>
#include <string.h>

#include "base/hist.h"

uint64_t hist_bin_low(unsigned int bin)
{
	unsigned int shift;

	if (bin < HIST_NR_SUB)
		return bin;
	shift = bin / HIST_NR_SUB - 1;
	return (uint64_t)(HIST_NR_SUB + bin % HIST_NR_SUB) << shift;
}

uint64_t hist_bin_high(unsigned int bin)
{
	if (bin == HIST_NR_BINS - 1)
		return UINT64_MAX;
	return hist_bin_low(bin + 1);
}

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

void hist_merge(struct hist *to, const struct hist *from)
{
	unsigned int i;

	if (!from->n)
		return;
	if (!to->n || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->n += from->n;
	to->sum += from->sum;
	for (i = 0; i < HIST_NR_BINS; i++)
		to->bins[i] += from->bins[i];
}

static double bin_middle(const struct hist *h, unsigned int bin)
{
	double low = hist_bin_low(bin), high = hist_bin_high(bin) - 1;
	double mid = bin == HIST_NR_BINS - 1 ? (double)h->max : (low + high) / 2;

	if (mid < h->min)
		mid = h->min;
	if (mid > h->max)
		mid = h->max;
	return mid;
}

double hist_quantile(const struct hist *h, double fraction)
{
	uint64_t rank, seen = 0;
	unsigned int i;

	if (!h->n)
		return 0;
	rank = ceil(fraction * h->n);
	if (rank <= 1)
		return h->min;
	if (rank >= h->n)
		return h->max;
	for (i = 0; i < HIST_NR_BINS; i++) {
		seen += h->bins[i];
		if (seen >= rank)
			return bin_middle(h, i);
	}
	return h->max;
}

double hist_mean(const struct hist *h)
{
	return h->n ? (double)h->sum / h->n : 0;
}
