// SPDX-License-Identifier: GPL-2.0-only
/*
 * Log one memslot alone for a while: its huge pages are split and its writes
 * watched, parts of its log are read and cleared, and then all is given back.
 *
 * What the log says is judged by the log's own agent; this one changes flags
 * of one slot beside others that do not change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

#define MAX_HOLD_NS 1000000u

struct flags_priv {
	unsigned long *bitmap;
};

static int flags_probe(const struct world *w, struct reason *why)
{
	if (w->has_log && w->log.ops->caps & DIRTY_NEEDS_VCPU_EXIT)
		return reason_skip(why, -EOPNOTSUPP, "nobody empties dirty rings while no log is on");
	return 0;
}

static int flags_open(struct world *w, void *priv, struct reason *why)
{
	struct flags_priv *p = priv;

	p->bitmap = calloc(dirty_bitmap_longs(w->view.nr_pages),
			   sizeof(*p->bitmap));
	return p->bitmap ? 0 : reason_set(why, -ENOMEM, "no memory for a bitmap");
}

static void flags_close(struct world *w, void *priv)
{
	struct flags_priv *p = priv;

	free(p->bitmap);
}

/*
 * Read the log and clear a part of it; clearing begins at multiples of 64
 * pages, and ends at one or at the end of the slot.  KVM refuses to clear
 * without manual protection: then reading has cleared it all.
 */
static int read_log(struct world *w, struct flags_priv *p, unsigned int slot,
		    uint64_t *rng, struct reason *why)
{
	struct gpages g = rig_slot_pages(w->rig, slot);
	struct kvm_dirty_log get = {
		.slot = g.slot, .dirty_bitmap = p->bitmap,
	};
	uint64_t first = rng_next(rng) % g.nr_pages / 64 * 64;
	struct kvm_clear_dirty_log clear = {
		.slot = g.slot, .first_page = first,
		.num_pages = g.nr_pages - first,
		.dirty_bitmap = p->bitmap + first / 64,
	};

	if (ioctl(w->rig->vm_fd, KVM_GET_DIRTY_LOG, &get))
		return reason_set(why, -errno, "KVM_GET_DIRTY_LOG failed: %s",
				  strerror(errno));
	if (ioctl(w->rig->vm_fd, KVM_CLEAR_DIRTY_LOG, &clear) &&
	    errno != ENXIO && errno != EINVAL)
		return reason_set(why, -errno, "KVM_CLEAR_DIRTY_LOG failed: %s",
				  strerror(errno));
	return 0;
}

static int log_alone(struct world *w, struct flags_priv *p, unsigned int slot,
		     uint64_t *rng, struct reason *why)
{
	int err = rig_add_slot_flags(w->rig, slot, KVM_MEM_LOG_DIRTY_PAGES, why);
	struct reason late;
	int end;

	timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
	if (!err && rng_next(rng) % 2)
		err = read_log(w, p, slot, rng, why);
	end = rig_add_slot_flags(w->rig, slot, 0, err ? &late : why);
	return err ? err : end;
}

static int flags_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	unsigned int slot = rng_next(rng) % w->rig->cfg.nr_slots;
	struct gpages g = rig_slot_pages(w->rig, slot);
	uint64_t begin = timing_now_ns();
	int err = 0;

	pthread_mutex_lock(&w->slots_lock);
	if (!w->log.started) {
		err = log_alone(w, priv, slot, rng, why);
		world_did(w, "slot_flags", "logged for a while the slot of",
			  (g.gpa - w->rig->mem.gpa) / 4096, g.nr_pages, begin);
	}
	pthread_mutex_unlock(&w->slots_lock);
	return err;
}

const struct stressor_ops stressor_slot_flags = {
	.name = "slot_flags",
	.summary = "log one memslot alone for a while",
	.weight = 4,
	.priv_bytes = sizeof(struct flags_priv),
	.probe = flags_probe,
	.open = flags_open,
	.step = flags_step,
	.close = flags_close,
};
