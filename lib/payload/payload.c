// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of payloads and what all of them share: operations, oracle.
 *
 * A payload only decides the order of units.  Which entries write is decided
 * here, by a second stream of random numbers, so that two payloads with the
 * same seed and write percentage write equally often.
 */
#include <errno.h>
#include <string.h>

#include "base/rng.h"
#include "internal.h"

const struct payload_ops *const payload_members[] = {
	PAYLOAD_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct payload_ops);

const struct payload_ops *payload_find(const char *name, struct reason *why)
{
	return registry_find(payload_members, "payload", name, why);
}

const char *const payload_op_names[] = { "read", "write", "rmw", "exec", NULL };

uint64_t payload_seed(const struct payload_geom *g)
{
	uint64_t state = g->seed;

	return rng_next(&state) + g->vcpu;
}

static int geom_check(const struct payload_geom *g, struct reason *why)
{
	if (!g->nr_units || g->nr_units > ORDER_UNIT_MASK)
		return reason_usage(why, -EINVAL,
				    "%u units per vCPU are outside 1..%u; choose less memory or larger units",
				    g->nr_units, ORDER_UNIT_MASK);
	if (!g->nr_accesses)
		return reason_set(why, -EINVAL, "a payload of 0 accesses measures nothing");
	if (g->write_pct > 100)
		return reason_usage(why, -EINVAL, "write percentage %u is outside 0..100",
				    g->write_pct);
	return 0;
}

int payload_order(const struct payload_ops *p, const struct payload_geom *g,
		  uint32_t *order, struct reason *why)
{
	uint64_t state = g->seed ^ (0x5851f42d4c957f2dull * (g->vcpu + 1));
	uint32_t i;
	int ret;

	ret = geom_check(g, why);
	if (!ret)
		ret = p->order(g, order, why);
	if (ret)
		return ret;
	for (i = 0; i < g->nr_accesses; i++) {
		int other = g->write_pct < 100 &&
			    (g->write_pct == 0 ||
			     rng_next(&state) % 100 >= g->write_pct);

		order[i] = order_entry(order[i], other ? OP_READ : g->op);
	}
	return 0;
}

uint64_t payload_touched_units(const uint32_t *order, uint64_t nr,
			       uint32_t nr_units, unsigned int op_mask)
{
	uint8_t seen[4096] = { 0 };	/* a window of units at a time */
	uint64_t base, i, touched = 0;

	for (base = 0; base < nr_units; base += sizeof(seen) * 8) {
		memset(seen, 0, sizeof(seen));
		for (i = 0; i < nr; i++) {
			uint64_t u = order_unit(order[i]) - base;

			if (u >= sizeof(seen) * 8 ||
			    !(op_mask & 1u << order_op(order[i])))
				continue;
			touched += !(seen[u / 8] >> (u % 8) & 1);
			seen[u / 8] |= 1u << (u % 8);
		}
	}
	return touched;
}
