// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zipf payload: a few hot units take most of the accesses.
 *
 * Rank r (from 1) is drawn with a probability proportional to r^-theta by
 * inverting the cumulative distribution; ranks are spread over the region by
 * a random permutation, so that hot units are not neighbours.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "internal.h"

static void zipf_cdf(double *cdf, uint32_t nr, double theta)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		sum += pow(i + 1, -theta);
		cdf[i] = sum;
	}
	for (i = 0; i < nr; i++)
		cdf[i] /= sum;
}

static uint32_t zipf_rank(const double *cdf, uint32_t nr, double u)
{
	uint32_t low = 0, high = nr - 1;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (cdf[mid] <= u)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int zipf_order(const struct payload_geom *g, uint32_t *order,
		      struct reason *why)
{
	uint64_t state = payload_seed(g);
	uint32_t i, *unit;
	double *cdf;

	if (!(g->zipf_theta > 0) || g->zipf_theta > 10)
		return reason_usage(why, -EINVAL,
				    "zipf skew %g is outside (0, 10]", g->zipf_theta);
	cdf = malloc(g->nr_units * sizeof(*cdf));
	unit = malloc(g->nr_units * sizeof(*unit));
	if (!cdf || !unit) {
		free(cdf);
		free(unit);
		return reason_set(why, -ENOMEM, "no memory for a zipf table of %u units",
				  g->nr_units);
	}
	zipf_cdf(cdf, g->nr_units, g->zipf_theta);
	for (i = 0; i < g->nr_units; i++)
		unit[i] = i;
	rng_shuffle(unit, g->nr_units, &state);
	for (i = 0; i < g->nr_accesses; i++) {
		double u = (rng_next(&state) >> 11) * 0x1p-53;

		order[i] = unit[zipf_rank(cdf, g->nr_units, u)];
	}
	free(cdf);
	free(unit);
	return 0;
}

const struct payload_ops payload_zipf = {
	.name = "zipf",
	.summary = "hot and cold units, skew --zipf-theta",
	.order = zipf_order,
};
