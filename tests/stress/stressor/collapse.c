// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make huge pages out of small ones; they are split again by whoever changes
 * a part of one.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "base/timing.h"
#include "mapping.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define HUGE_PAGES 512u

static int collapse_probe(const struct world *w, struct reason *why)
{
	int err = mapping_is_private(w, why);

	if (err)
		return err;
	if (w->view.nr_pages < HUGE_PAGES)
		return reason_skip(why, -EOPNOTSUPP, "there is less than one huge page of memory");
	/* No advice fits an empty range, so the kernel says if it knows it. */
	if (madvise(w->view.mem, 0, MADV_COLLAPSE))
		return reason_skip(why, -EOPNOTSUPP, "this kernel has no MADV_COLLAPSE");
	return 0;
}

static int collapse_step(struct world *w, void *priv, uint64_t *rng,
			 struct reason *why)
{
	uint32_t nr = w->view.nr_pages / HUGE_PAGES;
	uint32_t first = rng_next(rng) % nr * HUGE_PAGES;
	uint64_t begin = timing_now_ns();
	int err;

	/* Holes, pinned pages or no free huge page: the kernel may refuse. */
	err = madvise(world_hva(w, first), HUGE_PAGES * 4096ull, MADV_COLLAPSE);
	world_did(w, "collapse", err ? "tried to collapse" : "collapsed", first,
		  HUGE_PAGES, begin);
	return 0;
}

const struct stressor_ops stressor_collapse = {
	.name = "collapse",
	.summary = "make a huge page out of small ones",
	.weight = 8,
	.probe = collapse_probe,
	.step = collapse_step,
};
