// SPDX-License-Identifier: GPL-2.0-only
/* Make a vCPU leave the guest and enter again, so that faults are cut short. */
#include "base/rng.h"
#include "stressor.h"

static int poke_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	run_poke(w->b->run, rng_next(rng) % w->rig->cfg.nr_vcpus);
	return 0;
}

const struct stressor_ops stressor_poke = {
	.name = "poke",
	.summary = "make a vCPU leave the guest and enter again",
	.weight = 3,
	.step = poke_step,
};
