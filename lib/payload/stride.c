// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strided payload: every stride-th unit, then the same from the next offset,
 * so that all units are visited once before any is visited again.
 */
#include <errno.h>

#include "internal.h"

static int stride_order(const struct payload_geom *g, uint32_t *order,
			struct reason *why)
{
	uint32_t i, unit = 0, offset = 0;

	if (!g->stride_units || g->stride_units > g->nr_units)
		return reason_usage(why, -EINVAL,
				    "stride of %u units does not fit a region of %u units",
				    g->stride_units, g->nr_units);
	for (i = 0; i < g->nr_accesses; i++) {
		order[i] = unit;
		if (g->nr_units - unit > g->stride_units) {
			unit += g->stride_units;
			continue;
		}
		offset = (offset + 1) % g->stride_units;
		unit = offset;
	}
	return 0;
}

const struct payload_ops payload_stride = {
	.name = "stride",
	.summary = "every --stride-th unit, then those in between",
	.caps = PAYLOAD_ALL_ONCE,
	.order = stride_order,
};
