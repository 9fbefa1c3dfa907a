// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drop the host's mapping of shared pages, which stay in their file: all that
 * a guest wrote must be there when it comes back.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "mapping.h"

static int drop_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, 600, rng);
	uint64_t begin = timing_now_ns();

	if (madvise(world_hva(w, s.first), s.nr * 4096ull, MADV_DONTNEED))
		return reason_set(why, -errno, "madvise(DONTNEED) failed: %s",
				  strerror(errno));
	world_did(w, "drop", "dropped the mapping of", s.first, s.nr, begin);
	return 0;
}

const struct stressor_ops stressor_drop = {
	.name = "drop",
	.summary = "drop the host's mapping of shared pages",
	.weight = 10,
	.probe = mapping_is_shared,
	.step = drop_step,
};
