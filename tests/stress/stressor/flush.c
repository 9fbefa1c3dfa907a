// SPDX-License-Identifier: GPL-2.0-only
/* Flush every TLB: what a guest cached before must not be needed after. */
#include "base/timing.h"
#include "stressor.h"

static int flush_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	uint64_t begin = timing_now_ns();
	int err;

	pthread_mutex_lock(&w->slots_lock);
	err = rig_flush_tlbs(w->rig, why);
	pthread_mutex_unlock(&w->slots_lock);
	world_did(w, "flush", "flushed TLBs of", 0, w->view.nr_pages, begin);
	return err;
}

const struct stressor_ops stressor_flush = {
	.name = "flush",
	.summary = "flush the TLBs of all vCPUs",
	.weight = 2,
	.step = flush_step,
};
