// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second thread at the dirty rings: it gives entries back to KVM at any time,
 * beside the one that reads them and beside vCPUs that push.
 */
#include <errno.h>

#include "base/timing.h"
#include "stressor.h"

static int ring_reset_probe(const struct world *w, struct reason *why)
{
	if (w->has_log && w->log.ops->rearm_beside)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "this case has no dirty rings");
}

static int ring_reset_step(struct world *w, void *priv, uint64_t *rng,
			   struct reason *why)
{
	uint64_t begin = timing_now_ns();
	int err = dirty_rearm_beside(&w->log, why);

	world_did(w, "ring_reset", "reset the rings of", 0, w->view.nr_pages,
		  begin);
	return err;
}

const struct stressor_ops stressor_ring_reset = {
	.name = "ring_reset",
	.summary = "reset dirty rings beside the thread that reads them",
	.weight = 6,
	.probe = ring_reset_probe,
	.step = ring_reset_step,
};
