/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a dirty-tracking backend should have found, and two ways to check it.
 *
 * By pages: once a job has finished, the order tables tell exactly which pages
 * the guests wrote.  By content: a mirror that receives only reported pages
 * must equal the memory in the end.  The latter also works while the guests
 * run, and detects every lost write that changed the content.
 */
#ifndef MMUBENCH_DIRTY_ORACLE_H
#define MMUBENCH_DIRTY_ORACLE_H

#include <stdint.h>

#include "rig/rig.h"

/*
 * Set the bits of the pages that the last job of vCPU @vcpu wrote in @expect,
 * a bitmap over rig->mem.  The job must have ended; one that was stopped counts
 * up to its stop.
 */
void dirty_oracle_writes(const struct rig *rig, unsigned int vcpu,
			 unsigned long *expect);

struct dirty_diff {
	uint64_t expected, found;	/* pages */
	uint64_t missing, extra;	/* expected or found only */
	uint64_t first_missing, first_extra;	/* valid if the count is not 0 */
};

void dirty_oracle_diff(const unsigned long *found,
		       const unsigned long *expect, uint64_t nr_pages,
		       struct dirty_diff *out);

/* Copy the pages of @bitmap from rig->mem to @mirror; returns how many. */
uint64_t dirty_oracle_mirror(const struct rig *rig, void *mirror,
			     const unsigned long *bitmap);

/*
 * The number of pages of rig->mem whose content differs from @mirror; *first is
 * set to the first one, if there is any.  The guests must be stopped.
 */
uint64_t dirty_oracle_stale(const struct rig *rig, const void *mirror,
			    uint64_t *first);

#endif
