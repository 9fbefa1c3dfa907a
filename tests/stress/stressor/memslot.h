/* SPDX-License-Identifier: GPL-2.0-only */
/* What stressors share that delete memslots and make them. */
#ifndef MMUBENCH_STRESS_MEMSLOT_H
#define MMUBENCH_STRESS_MEMSLOT_H

#include "stressor.h"

struct memslot_part {
	unsigned int slot;
	uint32_t first, nr;
};

/* A skip unless there is a slot without steady pages. */
int memslot_probe(const struct world *w, struct reason *why);

/*
 * A random slot without steady pages, where code runs, claimed as a whole; the
 * caller holds slots_lock.  False: it cannot be had now.
 */
bool memslot_claim(struct world *w, uint64_t *rng, struct memslot_part *p);

#endif
