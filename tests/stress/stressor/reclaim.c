// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaim this process's pages through a memory cgroup of its own, as a host
 * does that runs out of memory.  What is swapped out or given back lazily leaves;
 * what a guest wrote must come back.
 *
 * The group is made before guests run and removed when the process ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "host/host.h"
#include "stressor.h"

#define MAX_PAGES 64u	/* a step must stay short; chosen */

struct reclaim_priv {
	char file[HOST_PATH_BYTES + 32];
	bool takes_bytes;	/* else any text reclaims all */
};

static int reclaim_probe(const struct world *w, struct reason *why)
{
	char own[HOST_PATH_BYTES];

	if (geteuid())
		return reason_skip(why, -EOPNOTSUPP, "memory cgroups are made by root alone");
	return host_memcg_self(own, sizeof(own), why);
}

static int reclaim_open(struct world *w, void *priv, struct reason *why)
{
	struct reclaim_priv *p = priv;
	char group[HOST_PATH_BYTES];
	int err = host_push_memcg("stress", group, sizeof(group), why);

	if (err)
		return err;
	/* cgroup v2 since Linux 5.19; cgroup v1. */
	snprintf(p->file, sizeof(p->file), "%s/memory.reclaim", group);
	p->takes_bytes = host_exists(p->file);
	if (!p->takes_bytes)
		snprintf(p->file, sizeof(p->file), "%s/memory.force_empty", group);
	if (host_exists(p->file))
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "this kernel has neither memory.reclaim (Linux 5.19) nor memory.force_empty");
}

static int reclaim_step(struct world *w, void *priv, uint64_t *rng,
			struct reason *why)
{
	uint64_t pages = 1 + rng_next(rng) % MAX_PAGES;
	uint64_t begin = timing_now_ns();
	struct reclaim_priv *p = priv;
	char bytes[24];

	/* Less than that may be all there is to take. */
	snprintf(bytes, sizeof(bytes), "%" PRIu64, p->takes_bytes ? pages * 4096 : 0);
	host_write_raw(p->file, bytes);
	world_did(w, "reclaim", "reclaimed some of", 0, w->view.nr_pages, begin);
	return 0;
}

const struct stressor_ops stressor_reclaim = {
	.name = "reclaim",
	.summary = "reclaim pages through a memory cgroup",
	.weight = 1,
	.priv_bytes = sizeof(struct reclaim_priv),
	.probe = reclaim_probe,
	.open = reclaim_open,
	.step = reclaim_step,
};
