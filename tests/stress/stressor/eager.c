// SPDX-License-Identifier: GPL-2.0-only
/*
 * Have KVM split huge pages when a log begins or is cleared, or when they are
 * written: with the same result.
 */
#include "base/rng.h"
#include "base/timing.h"
#include "host/host.h"
#include "setting.h"

#define PARAM "/sys/module/kvm/parameters/eager_page_split"

static int eager_probe(const struct world *w, struct reason *why)
{
	return setting_probe(PARAM, why);
}

static int eager_open(struct world *w, void *priv, struct reason *why)
{
	return setting_take(PARAM, why);
}

static int eager_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	bool on = rng_next(rng) & 1;
	uint64_t begin = timing_now_ns();
	int err = host_write_pushed(PARAM, on ? "Y" : "N", why);

	world_did(w, "eager", on ? "split ahead in" : "split late in", 0,
		  w->view.nr_pages, begin);
	return err;
}

const struct stressor_ops stressor_eager = {
	.name = "eager",
	.summary = "split huge pages for a log ahead of time, or late",
	.weight = 2,
	.probe = eager_probe,
	.open = eager_open,
	.step = eager_step,
};
