/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram of non-negative integers.
 *
 * Every power of two is cut into 2^HIST_LG2_SUB bins of equal width; values
 * below 2^HIST_LG2_SUB have a bin of their own.  A value read back as the
 * middle of its bin is therefore off by at most 1/2^(HIST_LG2_SUB + 1) of
 * itself (0.8 %); minimum, maximum, sum and count are exact.  Values from
 * 2^HIST_MAX_LG2 on (18 minutes at 1 GHz) share the last bin.
 *
 * hist_add() is safe in guest code: no libc, no floating point, no call.
 * A histogram has one writer; merge per-writer histograms afterwards.
 */
#ifndef MMUBENCH_HIST_H
#define MMUBENCH_HIST_H

#include <stdint.h>

#define HIST_LG2_SUB	6
#define HIST_MAX_LG2	40
#define HIST_NR_SUB	(1u << HIST_LG2_SUB)
#define HIST_NR_BINS	((HIST_MAX_LG2 - HIST_LG2_SUB + 1) * HIST_NR_SUB)

struct hist {
	uint64_t n;
	uint64_t sum;
	uint64_t min;		/* meaningless while n is 0 */
	uint64_t max;
	uint64_t bins[HIST_NR_BINS];
};

/* The bin of @value: a pure function, monotonic in @value. */
static inline unsigned int hist_bin(uint64_t value)
{
	unsigned int lg2, shift;

	if (value < HIST_NR_SUB)
		return value;
	if (value >> HIST_MAX_LG2)
		return HIST_NR_BINS - 1;
	lg2 = 63 - __builtin_clzll(value);
	shift = lg2 - HIST_LG2_SUB;
	return (shift + 1) * HIST_NR_SUB + (value >> shift) - HIST_NR_SUB;
}

static inline void hist_add(struct hist *h, uint64_t value)
{
	if (!h->n || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->n++;
	h->sum += value;
	h->bins[hist_bin(value)]++;
}

/* The half-open range [low, high) of values that fall into @bin. */
uint64_t hist_bin_low(unsigned int bin);
uint64_t hist_bin_high(unsigned int bin);

void hist_reset(struct hist *h);

/* Add all of @from to @to, as if @to had seen the samples of both. */
void hist_merge(struct hist *to, const struct hist *from);

/*
 * The smallest value that at least @fraction (0..1) of the samples do not
 * exceed: the middle of its bin, clipped to [min, max]; 0 if the histogram is
 * empty.
 */
double hist_quantile(const struct hist *h, double fraction);

double hist_mean(const struct hist *h);

#endif
