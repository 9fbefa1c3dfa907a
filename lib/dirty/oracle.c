// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did dirty tracking report each write, and nothing else?  See
 * oracle.h.
 *
 * Only guest writes are known here: pages that the host wrote through its
 * own mapping are not dirty for KVM and not expected.  The mirror cannot see
 * the loss of a write that stored what was there already; use OP_RMW, whose
 * writes all differ.
 */
#include <string.h>

#include "dirty/dirty.h"
#include "dirty/oracle.h"

#define LONG_BITS (8 * sizeof(unsigned long))

static bool entry_writes(const struct guest_job *job, uint32_t entry)
{
	uint32_t op = job->flags & GUEST_MIXED ? order_op(entry) : job->op;

	return op == OP_WRITE || op == OP_RMW;
}

void dirty_oracle_writes(const struct rig *rig, unsigned int vcpu,
			 unsigned long *expect)
{
	const struct guest_job *job = rig->jobs[vcpu];
	uint64_t base = rig->cfg.overlap ? 0 : vcpu * rig->cfg.vcpu_bytes;
	uint64_t nr = job->done < job->nr ? job->done : job->nr, at;

	if (job->cmd != GUEST_ACCESS && job->cmd != GUEST_CHASE)
		return;
	for (at = 0; at < nr; at++) {
		uint32_t entry = rig->orders[vcpu][at];
		uint64_t page;

		if (!entry_writes(job, entry))
			continue;
		page = (base + ((uint64_t)order_unit(entry) << job->unit_lg2)) /
		       4096;
		dirty_set_bit(expect, page);
	}
}

void dirty_oracle_diff(const unsigned long *found,
		       const unsigned long *expect, uint64_t nr_pages,
		       struct dirty_diff *out)
{
	uint64_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i * LONG_BITS < nr_pages; i++) {
		unsigned long missing = expect[i] & ~found[i];
		unsigned long extra = found[i] & ~expect[i];

		if (missing && !out->missing)
			out->first_missing = i * LONG_BITS +
					     __builtin_ctzl(missing);
		if (extra && !out->extra)
			out->first_extra = i * LONG_BITS + __builtin_ctzl(extra);
		out->missing += __builtin_popcountl(missing);
		out->extra += __builtin_popcountl(extra);
		out->expected += __builtin_popcountl(expect[i]);
		out->found += __builtin_popcountl(found[i]);
	}
}

uint64_t dirty_oracle_mirror(const struct rig *rig, void *mirror,
			     const unsigned long *bitmap)
{
	uint64_t i, copied = 0;

	for (i = 0; i * LONG_BITS < rig->mem.nr_pages; i++) {
		unsigned long bits = bitmap[i];

		for (; bits; bits &= bits - 1, copied++) {
			uint64_t at = (i * LONG_BITS + __builtin_ctzl(bits)) *
				      4096;

			memcpy((char *)mirror + at,
			       (const char *)rig->mem.hva + at, 4096);
		}
	}
	return copied;
}

uint64_t dirty_oracle_stale(const struct rig *rig, const void *mirror,
			    uint64_t *first)
{
	uint64_t page, stale = 0;

	for (page = 0; page < rig->mem.nr_pages; page++) {
		if (!memcmp((const char *)mirror + page * 4096,
			    (const char *)rig->mem.hva + page * 4096, 4096))
			continue;
		if (!stale++)
			*first = page;
	}
	return stale;
}
