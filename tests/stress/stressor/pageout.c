// SPDX-License-Identifier: GPL-2.0-only
/* Reclaim pages: to swap where there is one, to their file if shared. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "stressor.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static int pageout_probe(const struct world *w, struct reason *why)
{
	if (madvise(w->view.mem, 0, MADV_PAGEOUT))
		return reason_skip(why, -EOPNOTSUPP, "this kernel has no MADV_PAGEOUT");
	return 0;
}

static int pageout_step(struct world *w, void *priv, uint64_t *rng,
			struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, 256, rng);
	uint64_t begin = timing_now_ns();

	/* Advice: a mapping that another agent just took away is no failure. */
	madvise(world_hva(w, s.first), s.nr * 4096ull, MADV_PAGEOUT);
	world_did(w, "pageout", "reclaimed", s.first, s.nr, begin);
	return 0;
}

const struct stressor_ops stressor_pageout = {
	.name = "pageout",
	.summary = "reclaim pages",
	.weight = 6,
	.probe = pageout_probe,
	.step = pageout_step,
};
