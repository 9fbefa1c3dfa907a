// SPDX-License-Identifier: GPL-2.0-only
/* Sequential payload: unit after unit, over and over; prefetchers' delight. */
#include "internal.h"

static int seq_order(const struct payload_geom *g, uint32_t *order,
		     struct reason *why)
{
	uint32_t i;

	for (i = 0; i < g->nr_accesses; i++)
		order[i] = i % g->nr_units;
	return 0;
}

const struct payload_ops payload_seq = {
	.name = "seq",
	.summary = "every unit in address order",
	.caps = PAYLOAD_ALL_ONCE,
	.order = seq_order,
};
