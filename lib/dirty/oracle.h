/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a dirty-tracking backend should have found, and two ways to check.
 *
 * By pages: after a finished job the order tables tell exactly which pages
 * the guests wrote.  By content: a mirror of the memory that is only updated
 * with reported pages must in the end equal the memory; this also works
 * while the guests run, and sees each lost write that changed something.
 */
#ifndef MMUBENCH_DIRTY_ORACLE_H
#define MMUBENCH_DIRTY_ORACLE_H

#include <stdint.h>

#include "rig/rig.h"

/*
 * Or the pages that the last job of vCPU @vcpu wrote into @expect, a bitmap
 * over rig->mem.  The job has ended; a stopped one counts up to its stop.
 */
void dirty_oracle_writes(const struct rig *rig, unsigned int vcpu,
			 unsigned long *expect);

struct dirty_diff {
	uint64_t expected, found;	/* pages */
	uint64_t missing, extra;	/* expected or found only */
	uint64_t first_missing, first_extra;	/* valid when counted */
};

void dirty_oracle_diff(const unsigned long *found,
		       const unsigned long *expect, uint64_t nr_pages,
		       struct dirty_diff *out);

/* Copy the pages of @bitmap from rig->mem to @mirror; returns how many. */
uint64_t dirty_oracle_mirror(const struct rig *rig, void *mirror,
			     const unsigned long *bitmap);

/*
 * Pages of rig->mem whose content differs from @mirror, the first one in
 * *first when there is any.  The guests are stopped.
 */
uint64_t dirty_oracle_stale(const struct rig *rig, const void *mirror,
			    uint64_t *first);

#endif
