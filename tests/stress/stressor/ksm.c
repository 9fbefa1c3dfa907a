// SPDX-License-Identifier: GPL-2.0-only
/*
 * Let the kernel merge equal pages: those that nobody wrote since they were
 * given back are alike, and a guest's write must copy them first.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "base/timing.h"
#include "host/host.h"
#include "mapping.h"
#include "setting.h"

#define KSM "/sys/kernel/mm/ksm/"

static int ksm_probe(const struct world *w, struct reason *why)
{
	int err = mapping_is_private(w, why);

	if (err)
		return err;
	err = setting_probe(KSM "run", why);
	return err ? err : setting_probe(KSM "sleep_millisecs", why);
}

static int ksm_open(struct world *w, void *priv, struct reason *why)
{
	int err = setting_take(KSM "sleep_millisecs", why);

	if (!err)
		err = setting_take(KSM "run", why);
	if (!err)
		err = host_write(KSM "sleep_millisecs", "2", why);
	if (!err)
		err = host_write(KSM "run", "1", why);
	w->merges = !err;
	return err;
}

static int ksm_step(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, 2048, rng);
	int advice = rng_next(rng) & 1 ? MADV_MERGEABLE :
					       MADV_UNMERGEABLE;
	uint64_t begin = timing_now_ns();

	/* A hole made by another agent is no failure of this one. */
	if (madvise(world_hva(w, s.first), s.nr * 4096ull, advice) &&
	    errno != ENOMEM && errno != EAGAIN)
		return reason_set(why, -errno, "madvise(MERGEABLE) failed: %s",
				  strerror(errno));
	world_did(w, "ksm", advice == MADV_MERGEABLE ? "let merge" :
		  "unmerged", s.first, s.nr, begin);
	return 0;
}

const struct stressor_ops stressor_ksm = {
	.name = "ksm",
	.summary = "merge equal pages and unmerge them",
	.weight = 6,
	.probe = ksm_probe,
	.open = ksm_open,
	.step = ksm_step,
};
