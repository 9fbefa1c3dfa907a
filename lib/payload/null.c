// SPDX-License-Identifier: GPL-2.0-only
/* Null payload: the loop runs and touches nothing; its cost is the harness's. */
#include "internal.h"

static int null_order(const struct payload_geom *g, uint32_t *order,
		      struct reason *why)
{
	uint32_t i;

	for (i = 0; i < g->nr_accesses; i++)
		order[i] = i % g->nr_units;
	return 0;
}

const struct payload_ops payload_null = {
	.name = "null",
	.summary = "the loop alone: the harness's own cost",
	.caps = PAYLOAD_NO_ACCESS,
	.order = null_order,
};
