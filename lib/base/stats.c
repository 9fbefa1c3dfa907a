// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics for comparing runs, see stats.h.
 *
 * The U test is done on rank sums: under "no difference" every choice of na
 * of the pooled ranks is equally likely, so counting the choices by their
 * sum gives the exact distribution, with ties as they are (ranks are doubled
 * to stay whole).  Cost: na * N * N^2 additions, at 60 samples a few
 * milliseconds.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void stats_sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
}

double stats_median(const double *v, size_t n)
{
	if (!n)
		return NAN;
	return v[(n - 1) / 2] / 2 + v[n / 2] / 2;
}

/* Probability that at most @k of @n fair coins show heads. */
static double binomial_tail(size_t k, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i <= k; i++)
		sum += exp(lgamma(n + 1.) - lgamma(i + 1.) -
			   lgamma(n - i + 1.) - n * M_LN2);
	return sum;
}

double stats_median_ci(const double *v, size_t n, double confidence,
		       double *low, double *high)
{
	size_t cut = 0;

	if (!n) {
		*low = *high = NAN;
		return 0;
	}
	/* [v[cut], v[n-1-cut]] misses the median with twice that tail. */
	while (2 * (cut + 1) < n &&
	       1 - 2 * binomial_tail(cut + 1, n) >= confidence)
		cut++;
	*low = v[cut];
	*high = v[n - 1 - cut];
	return fmax(0, 1 - 2 * binomial_tail(cut, n));
}

struct ranked {
	double value;
	int from_a;
	unsigned int rank2;	/* twice the middle rank, from 2 on */
};

static int by_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* Pool, sort and rank; returns the sum of (t^3 - t) over groups of ties. */
static double rank_all(struct ranked *r, const double *a, size_t na,
		       const double *b, size_t nb)
{
	size_t n = na + nb, i, j, k;
	double ties = 0;

	for (i = 0; i < n; i++)
		r[i] = (struct ranked){ i < na ? a[i] : b[i - na], i < na, 0 };
	qsort(r, n, sizeof(*r), by_value);
	for (i = 0; i < n; i = j) {
		for (j = i; j < n && r[j].value == r[i].value; j++)
			;
		for (k = i; k < j; k++)
			r[k].rank2 = i + 1 + j;
		ties += pow(j - i, 3) - (j - i);
	}
	return ties;
}

/* ways[k][s]: choices of k of the ranks so far with doubled sum s */
static double exact_p(const struct ranked *r, size_t n, size_t na,
		      unsigned int sum_a)
{
	size_t width = n * (n + 1) + 1, i, k, s;
	double *ways = calloc((na + 1) * width, sizeof(*ways));
	double below = 0, above = 0, all = 0;

	if (!ways)
		return 1;
	ways[0] = 1;
	for (i = 0; i < n; i++)
		for (k = na < i + 1 ? na : i + 1; k >= 1; k--)
			for (s = r[i].rank2; s < width; s++)
				ways[k * width + s] +=
					ways[(k - 1) * width + s - r[i].rank2];
	for (s = 0; s < width; s++) {
		double w = ways[na * width + s];

		all += w;
		below += s <= sum_a ? w : 0;
		above += s >= sum_a ? w : 0;
	}
	free(ways);
	return fmin(1, 2 * fmin(below, above) / all);
}

static double normal_p(double u, double na, double nb, double ties)
{
	double n = na + nb, mean = na * nb / 2;
	double var = na * nb / 12 * (n + 1 - ties / (n * (n - 1)));
	double off = fmax(0, fabs(u - mean) - .5);

	return var > 0 ? erfc(off / sqrt(var) / M_SQRT2) : 1;
}

double stats_mann_whitney(const double *a, size_t na, const double *b,
			  size_t nb)
{
	size_t n = na + nb, i;
	unsigned int sum_a = 0;
	struct ranked *r;
	double ties, p;

	if (!na || !nb)
		return 1;
	r = calloc(n, sizeof(*r));
	if (!r)
		return 1;
	ties = rank_all(r, a, na, b, nb);
	for (i = 0; i < n; i++)
		sum_a += r[i].from_a ? r[i].rank2 : 0;
	if (n <= STATS_EXACT_MAX)
		p = exact_p(r, n, na, sum_a);
	else
		p = normal_p(sum_a / 2. - na * (na + 1.) / 2, na, nb, ties);
	free(r);
	return p;
}

double stats_least_p(size_t na, size_t nb)
{
	if (!na || !nb)
		return 1;
	/* One choice of ranks at either end, of all choices. */
	return fmin(1, 2 * exp(lgamma(na + 1.) + lgamma(nb + 1.) -
			       lgamma(na + nb + 1.)));
}

struct indexed {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct indexed *x = a, *y = b;

	return x->p < y->p ? -1 : x->p > y->p;
}

void stats_holm(double *p, size_t n)
{
	struct indexed *sorted = calloc(n ? n : 1, sizeof(*sorted));
	double running = 0;
	size_t i;

	for (i = 0; sorted && i < n; i++)
		sorted[i] = (struct indexed){ p[i], i };
	if (sorted)
		qsort(sorted, n, sizeof(*sorted), by_p);
	for (i = 0; i < n; i++) {
		if (!sorted) {
			/* Bonferroni needs no memory and is never too bold. */
			p[i] = fmin(1, p[i] * n);
			continue;
		}
		running = fmax(running, fmin(1, sorted[i].p * (n - i)));
		p[sorted[i].at] = running;
	}
	free(sorted);
}
