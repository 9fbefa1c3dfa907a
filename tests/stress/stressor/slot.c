// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delete a memslot and make it again.  While it is gone, accesses leave the
 * guest as MMIO and are dropped.  What a dirty log of it knew is lost with it.
 */
#include "base/timing.h"
#include "memslot.h"

static int slot_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	uint64_t begin = timing_now_ns();
	struct memslot_part p;
	int err = 0;

	pthread_mutex_lock(&w->slots_lock);
	if (memslot_claim(w, rng, &p)) {
		err = rig_recreate_slot(w->rig, p.slot, 0, why);
		world_forget_log(w, p.first, p.nr);
		world_release(w, p.first, p.nr, WORLD_KEPT, WORLD_FREE);
		world_did(w, "slot", "deleted and made the slot of", p.first,
			  p.nr, begin);
	}
	pthread_mutex_unlock(&w->slots_lock);
	return err;
}

const struct stressor_ops stressor_slot = {
	.name = "slot",
	.summary = "delete a memslot and make it again",
	.weight = 4,
	.probe = memslot_probe,
	.step = slot_step,
};
