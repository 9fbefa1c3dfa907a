/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payloads: the order in which a guest touches its memory.
 *
 * The host computes the order once, from a recorded seed, into a table in
 * guest memory.  The guest loop (guestcode.c) only reads that table and is the
 * same for all payloads.  The table is therefore an oracle: it says which
 * units are touched, how often, and by which operation.
 *
 * A unit is the span of memory that one access represents: a page, or a
 * smaller stride.  Units are numbered from 0 within a vCPU's region.
 */
#ifndef MMUBENCH_PAYLOAD_H
#define MMUBENCH_PAYLOAD_H

#include <stdint.h>

#include "base/reason.h"
#include "payload/order.h"

extern const char *const payload_op_names[];	/* NULL-terminated */

struct payload_geom {
	uint32_t nr_units;	/* units in the region, > 0 */
	uint32_t nr_accesses;	/* entries wanted in the table, > 0 */
	uint32_t vcpu;		/* index of the vCPU that uses the table */
	uint64_t seed;
	unsigned int write_pct;	/* 0..100: share of accesses that use @op */
	enum payload_op op;	/* the others are reads */
	double zipf_theta;	/* skew, 0 < theta, theta != 1 */
	uint32_t stride_units;	/* for "stride", >= 1 */
};

enum payload_caps {
	PAYLOAD_CHASE	= 1 << 0, /* the next unit is read from memory */
	PAYLOAD_NO_ACCESS = 1 << 1, /* null: the loop runs but touches nothing */
	PAYLOAD_ALL_ONCE = 1 << 2, /* nr_units accesses touch each unit once */
};

struct payload_ops {
	const char *name;
	const char *summary;
	unsigned int caps;
	/*
	 * Required.  Fill order[0..g->nr_accesses) with unit numbers, without
	 * operations.  Must depend on @g alone.  0, or -errno with @why.
	 */
	int (*order)(const struct payload_geom *g, uint32_t *order,
		     struct reason *why);
};

/* NULL-terminated; see base/registry.h. */
extern const struct payload_ops *const payload_members[];

/* The payload called @name, or NULL with @why set. */
const struct payload_ops *payload_find(const char *name, struct reason *why);

/* Compute the order and set the operation of every entry. */
int payload_order(const struct payload_ops *p, const struct payload_geom *g,
		  uint32_t *order, struct reason *why);

/*
 * The oracle: the number of units that appear at least once with any of the
 * operations in @op_mask, a mask of 1 << enum payload_op.
 */
uint64_t payload_touched_units(const uint32_t *order, uint64_t nr,
			       uint32_t nr_units, unsigned int op_mask);

/* The generator's initial state for @g; differs by seed and by vCPU. */
uint64_t payload_seed(const struct payload_geom *g);

#endif
