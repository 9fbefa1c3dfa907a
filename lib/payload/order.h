/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order table: what the host computes and the guest walks.  An entry is
 * the number of a unit and the operation to do there.
 */
#ifndef MMUBENCH_PAYLOAD_ORDER_H
#define MMUBENCH_PAYLOAD_ORDER_H

#include <stdint.h>

enum payload_op {
	OP_READ, OP_WRITE, OP_RMW, OP_EXEC, NR_OPS
};

#define ORDER_OP_SHIFT	30
#define ORDER_UNIT_MASK	((1u << ORDER_OP_SHIFT) - 1)

static inline uint32_t order_entry(uint32_t unit, enum payload_op op)
{
	return unit | (uint32_t)op << ORDER_OP_SHIFT;
}

static inline uint32_t order_unit(uint32_t entry)
{
	return entry & ORDER_UNIT_MASK;
}

static inline enum payload_op order_op(uint32_t entry)
{
	return (enum payload_op)(entry >> ORDER_OP_SHIFT);
}

#endif
