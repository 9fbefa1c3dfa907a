// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uniform payload: random permutations, one after the other, so that every
 * unit comes exactly once per pass over the region.
 */
#include "base/rng.h"
#include "internal.h"

static int uniform_order(const struct payload_geom *g, uint32_t *order,
			 struct reason *why)
{
	uint64_t state = payload_seed(g);
	uint32_t i, at, nr;

	for (i = 0; i < g->nr_accesses; i++)
		order[i] = i % g->nr_units;
	for (at = 0; at < g->nr_accesses; at += nr) {
		nr = g->nr_accesses - at;
		if (nr > g->nr_units)
			nr = g->nr_units;
		rng_shuffle(order + at, nr, &state);
	}
	return 0;
}

const struct payload_ops payload_uniform = {
	.name = "uniform",
	.summary = "a random permutation of all units",
	.caps = PAYLOAD_ALL_ONCE,
	.order = uniform_order,
};
