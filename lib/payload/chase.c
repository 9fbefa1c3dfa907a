// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointer chase: each unit holds the address of the next, in one random
 * cycle over all units, so that no access can start before the last ended.
 */
#include "base/rng.h"
#include "internal.h"

static int chase_order(const struct payload_geom *g, uint32_t *order,
		       struct reason *why)
{
	uint32_t i, nr = g->nr_units;
	uint64_t state = payload_seed(g);

	if (g->nr_accesses < nr)
		nr = g->nr_accesses;
	for (i = 0; i < nr; i++)
		order[i] = i;
	rng_shuffle(order, nr, &state);
	/* Further laps repeat the cycle: the links in memory do not change. */
	for (i = nr; i < g->nr_accesses; i++)
		order[i] = order[i - nr];
	return 0;
}

const struct payload_ops payload_chase = {
	.name = "chase",
	.summary = "a random cycle of dependent loads",
	.caps = PAYLOAD_CHASE | PAYLOAD_ALL_ONCE,
	.order = chase_order,
};
