// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make a memslot read-only for a while: a guest's write leaves KVM_RUN as MMIO,
 * is dropped, and must have changed nothing.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "memslot.h"

#define MAX_HOLD_NS 1000000u

static int readonly_step(struct world *w, void *priv, uint64_t *rng,
			 struct reason *why)
{
	uint64_t begin = timing_now_ns();
	struct memslot_part p;
	int err = 0;

	pthread_mutex_lock(&w->slots_lock);
	if (memslot_claim(w, rng, &p)) {
		err = rig_recreate_slot(w->rig, p.slot, KVM_MEM_READONLY, why);
		if (!err) {
			world_release(w, p.first, p.nr, WORLD_KEPT, WORLD_READONLY);
			timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
			world_reclaim(w, p.first, p.nr);
			err = rig_recreate_slot(w->rig, p.slot, 0, why);
		}
		world_forget_log(w, p.first, p.nr);
		world_release(w, p.first, p.nr, WORLD_KEPT, WORLD_FREE);
		world_did(w, "slot_readonly", "made a read-only slot of",
			  p.first, p.nr, begin);
	}
	pthread_mutex_unlock(&w->slots_lock);
	return err;
}

static int readonly_probe(const struct world *w, struct reason *why)
{
	if (ioctl(w->rig->vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM) < 1)
		return reason_skip(why, -EOPNOTSUPP, "this KVM has no read-only memslots");
	return memslot_probe(w, why);
}

const struct stressor_ops stressor_slot_readonly = {
	.name = "slot_readonly",
	.summary = "make a memslot read-only for a while",
	.weight = 4,
	.probe = readonly_probe,
	.step = readonly_step,
};
