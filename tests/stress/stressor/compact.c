// SPDX-License-Identifier: GPL-2.0-only
/*
 * Have the kernel move pages to other frames: by compaction, and to another
 * NUMA node where there is one.  Content stays, every mapping changes.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "host/host.h"
#include "topo/topo.h"
#include "stressor.h"

#define COMPACT "/proc/sys/vm/compact_memory"
#define MAX_PAGES 256u

static int compact_probe(const struct world *w, struct reason *why)
{
	if (topo_nr_nodes() > 1)
		return 0;
	if (!host_exists(COMPACT))
		return reason_skip(why, -EOPNOTSUPP, "one NUMA node, and this kernel has no compaction");
	if (geteuid())
		return reason_skip(why, -EOPNOTSUPP, "one NUMA node, and compaction is for root alone");
	return 0;
}

static int compact_step(struct world *w, void *priv, uint64_t *rng,
			struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, MAX_PAGES, rng);
	uint64_t begin = timing_now_ns();

	if (topo_nr_nodes() > 1) {
		topo_move_memory(world_hva(w, s.first), s.nr * 4096ull,
				 rng_next(rng) % topo_nr_nodes());
		world_did(w, "compact", "moved to a node", s.first, s.nr, begin);
		return 0;
	}
	host_write_raw(COMPACT, "1");
	world_did(w, "compact", "compacted around", 0, w->view.nr_pages, begin);
	return 0;
}

const struct stressor_ops stressor_compact = {
	.name = "compact",
	.summary = "move pages to other frames or nodes",
	.weight = 3,
	.probe = compact_probe,
	.step = compact_step,
};
